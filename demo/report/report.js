// Draws the page from the report that it carries: every number on it is read from there.
"use strict";
(() => {
  const json = (id) => JSON.parse(document.getElementById(id).textContent);
  const report = json("report"), peers = json("peer-figures"), charts = report.charts;

  // Numbers, as text.
  const grouped = d3.format(",");
  const shortly = (value) => {
    if (value === 0) return "0";
    return Math.abs(value) >= 0.001 && Math.abs(value) < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(1);
  };
  const duration = (ms) => (ms < 1000 ? `${Number(ms.toPrecision(3))} ms` : ms < 120000 ? `${(ms / 1000).toFixed(2)} s` : `${(ms / 60000).toFixed(1)} min`);
  const bytes = (n) => (n < 10240 ? `${grouped(n)} bytes` : `${(n / 2 ** 20).toFixed(1)} MiB`);
  const as = { count: (n) => String(n).replace(/\B(?=(\d{3})+$)/g, ","), bytes, ms: duration, number: shortly };
  const at = (path) => path.split(".").reduce((value, key) => value?.[key], report);

  // A figure carries its raw value, so that a program can compare it with report.json.
  function figure(element, path, kind) {
    const value = at(path);
    element.setAttribute("data-figure", path);
    if (value === undefined || value === null) return;
    element.setAttribute("data-value", String(value));
    element.textContent = kind ? as[kind](value) : String(value);
  }
  for (const element of document.querySelectorAll("[data-figure]")) figure(element, element.dataset.figure, element.dataset.as);

  document.getElementById("run").textContent =
    `Version ${report.software_version} on ${report.cores} cores. ` + report.stages.map((s) => `${s.name} ${duration(s.ms)}`).join(", ") + ".";
  const refused = Object.entries(report.refused);
  document.getElementById("lies-refused").textContent = `${refused.filter(([, yes]) => yes).length} of ${refused.length}`;
  const standing = report.setup.srs.standing;
  if (standing !== "ceremony") {
    const warning = document.getElementById("srs-warning");
    warning.hidden = false;
    warning.textContent = `The setup (SRS) of this run is ${standing}: whoever made it could forge proofs. For anything real give a ceremony's file with --srs.`;
  }

  // Tables.
  function fill(id, head, rows) {
    const table = document.getElementById(id);
    const headRow = table.createTHead().insertRow();
    for (const text of head) {
      const cell = document.createElement("th");
      cell.scope = "col";
      cell.textContent = text;
      headRow.append(cell);
    }
    const body = table.createTBody();
    for (const row of rows) {
      const line = body.insertRow();
      row.forEach((cell, i) => {
        const td = i === 0 ? document.createElement("th") : document.createElement("td");
        if (i === 0) td.scope = "row";
        line.append(td);
        if (typeof cell === "function") cell(td);
        else td.textContent = cell;
      });
    }
  }
  const show = (path, kind) => (td) => figure(td, path, kind);
  const command = (text) => (td) => {
    td.className = "left";
    td.innerHTML = "<code></code>";
    td.firstChild.textContent = text;
  };
  fill("passes", ["arithmetic", "largest", "mean", "median", "99 %"],
    Object.keys(report.evaluate.passes).map((name) => [name, ...["max_abs", "mean_abs", "p50", "p99"].map((key) => show(`evaluate.passes.${name}.${key}`, "number"))]));
  fill("figures", ["figure", "value", "command"], [
    ["rows of the circuit, as a power of two", show("setup.k"), command("latentledger setup --json")],
    ["advice columns", show("setup.advice_columns"), command("latentledger setup --json")],
    ["fixed columns", show("setup.fixed_columns"), command("latentledger setup --json")],
    ["degree of the constraints", show("setup.degree"), command("latentledger setup --json")],
    ["transfers in the proof", show("prove.transfers", "count"), command("latentledger prove --json")],
    ["size of the proof", show("prove.proof_bytes", "bytes"), command("latentledger prove --json")],
    ["proving", show("prove.prove_ms", "ms"), command("latentledger prove --json")],
    ["verifying", show("verify.verify_ms", "ms"), command("latentledger verify --json")],
  ]);
  fill("inputs-table", ["file", "SHA-256"], Object.entries(report.inputs).map(([file, hash]) => [file, (td) => {
    td.className = "hash";
    td.textContent = typeof hash === "string" ? hash : hash.sha256;
  }]));
  const names = { tampered_proof: "a proof with one bit changed", tampered_public_input: "public vectors with one unit more", overdrawing_batch: "a batch that overdraws an account" };
  for (const [lie, yes] of refused) {
    const item = document.createElement("li");
    item.textContent = `${names[lie] ?? lie}: ${yes ? "refused" : "ACCEPTED"}`;
    document.getElementById("refused-list").append(item);
  }
  document.getElementById("overdraft").textContent = report.overdraft_message;

  // Charts. Each is one image for a screen reader, with a label that says what there is to see.
  function canvas(id, width, height, label) {
    return d3.select(`#${id}`).append("svg").attr("viewBox", `0 0 ${width} ${height}`).attr("role", "img").attr("aria-label", label);
  }
  // On a phone the drawing is scaled down: fewer, larger units keep its text readable.
  const width = Math.max(340, Math.min(900, document.body.clientWidth - 40));
  const axis = (svg, x, y, drawn) => svg.append("g").attr("class", "axis").attr("transform", `translate(${x},${y})`).call(drawn);
  const power = (value) => {
    const exponent = Math.round(Math.log10(value));
    const digits = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
    return "10" + String(exponent).split("").map((c) => digits[c]).join("");
  };
  const powers = (domain) => d3.range(Math.ceil(Math.log10(domain[0])), Math.floor(Math.log10(domain[1])) + 1).map((e) => 10 ** e);
  const every = (list, most) => list.filter((_, i) => i % Math.ceil(list.length / most) === 0);
  function legend(svg, labels, x) {  // above the chart
    labels.forEach((label, i) => {
      const entry = svg.append("g").attr("class", `series-${i}`).attr("transform", `translate(${x + 100 * i},14)`);
      entry.append("rect").attr("class", "bar").attr("width", 12).attr("height", 12).attr("y", -10);
      entry.append("text").attr("x", 18).text(label);
    });
  }

  function trainingChart() {
    const rows = charts.training, height = 300, left = 52, bottom = height - 36, right = width - 12;
    const lines = [["held out", rows.filter((r) => r.heldout > 0).map((r) => [r.step, r.heldout])], ["trained on", rows.filter((r) => r.loss > 0).map((r) => [r.step, r.loss])]].filter(([, points]) => points.length > 1);
    const values = lines.flatMap(([, points]) => points);
    const x = d3.scaleLinear().domain(d3.extent(values, (p) => p[0])).range([left, right]);
    const y = d3.scaleLog().domain(d3.extent(values, (p) => p[1])).range([bottom, 32]).nice();
    const told = ([name, points]) => `${name}, the loss goes from ${shortly(points[0][1])} at step ${points[0][0]} to ${shortly(points[points.length - 1][1])} at step ${points[points.length - 1][0]}`;
    const svg = canvas("chart-training", width, height, `Line chart: ${lines.map(told).join("; ")}.`);
    axis(svg, 0, bottom, d3.axisBottom(x).ticks(width / 110));
    axis(svg, left, 0, d3.axisLeft(y).tickValues(every(powers(y.domain()), 8)).tickFormat(power));
    svg.append("text").attr("class", "note").attr("x", right).attr("y", height - 4).attr("text-anchor", "end").text("step");
    lines.forEach(([, points], i) => svg.append("path").attr("class", `curve series-${i}`).attr("d", d3.line().x((p) => x(p[0])).y((p) => y(p[1]))(points)));
    legend(svg, lines.map(([label]) => label), left + 8);
  }

  function errorsChart() {
    const { first_decade: first, passes } = charts.errors, series = Object.entries(passes);
    const used = d3.range(1, series[0][1].length).filter((b) => series.some(([, bins]) => bins[b] > 0));
    const bins = used.length ? [0, ...d3.range(d3.min(used), d3.max(used) + 1)] : [0];
    const height = 300, left = 52, bottom = height - 36, right = width - 12;
    const x = d3.scaleBand().domain(bins).range([left, right]).paddingInner(0.25).paddingOuter(0.1);
    const inner = d3.scaleBand().domain(d3.range(series.length)).range([0, x.bandwidth()]).padding(0.08);
    const most = d3.max(series, ([, counts]) => d3.max(counts));
    const y = d3.scaleLog().domain([0.7, most * 1.3]).range([bottom, 32]);
    const svg = canvas("chart-errors", width, height, "Histogram: " + series.map(([name, counts]) => `${name}: ${grouped(counts[0])} of ${grouped(d3.sum(counts))} errors are exactly zero`).join("; ") + ".");
    axis(svg, 0, bottom, d3.axisBottom(x).tickValues([0, ...every(bins.slice(1), width / 60)]).tickFormat((b) => (b === 0 ? "exactly 0" : power(10 ** (first + b - 1)))));
    axis(svg, left, 0, d3.axisLeft(y).tickValues(powers(y.domain())).tickFormat(power));
    series.forEach(([name, counts], i) => {
      const group = svg.append("g").attr("class", `series-${i}`);
      for (const b of bins.filter((bin) => counts[bin] > 0)) {
        group.append("rect").attr("class", "bar").attr("x", x(b) + inner(i)).attr("width", inner.bandwidth()).attr("y", y(counts[b])).attr("height", bottom - y(counts[b]))
          .append("title").text(`${name}: ${grouped(counts[b])} transfers`);
      }
    });
    legend(svg, series.map(([name]) => name), left + 8);
  }

  function stateChart(id, units, before) {
    const columns = width < 600 ? 8 : 16, size = (width - 2) / columns, tall = Math.min(size, 44), rows = Math.ceil(units.length / columns);
    const changed = units.filter((value, i) => value !== before[i]).length;
    const svg = canvas(id, width, rows * tall + 2, `Heat map of ${units.length} balances${changed ? `, ${changed} of them changed` : ""}: the largest is ${grouped(d3.max(units))} units.`);
    const dark = d3.scaleLinear().domain([0, Math.log1p(d3.max([...units, ...before]))]).range([0, 1]);
    const style = getComputedStyle(document.documentElement);
    const colour = d3.interpolateRgb(style.getPropertyValue("--low").trim(), style.getPropertyValue("--high").trim());
    const reading = d3.select(`#${id}`).append("p").attr("class", "reading").attr("aria-live", "polite");
    const tell = (i) => {
      const change = units[i] - before[i];
      reading.text(`Account ${i}: ${grouped(units[i])} units` + (change ? ` (${change > 0 ? "+" : "−"}${grouped(Math.abs(change))})` : ""));
    };
    const cells = svg.selectAll("rect").data(units).enter().append("rect").attr("class", (value, i) => "cell" + (value !== before[i] ? " moved" : ""))
      .attr("x", (_, i) => 1 + (i % columns) * size).attr("y", (_, i) => 1 + Math.floor(i / columns) * tall)
      .attr("width", size - 3).attr("height", tall - 3).attr("rx", 3).attr("fill", (value) => colour(dark(Math.log1p(value))))
      .attr("tabindex", (_, i) => (i === 0 ? 0 : -1)).on("mouseover", (_, i) => tell(i)).on("focus", (_, i) => tell(i));
    // One stop for the Tab key; the arrow keys walk from cell to cell.
    svg.on("keydown", function () {
      const event = d3.event;
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      const nodes = cells.nodes(), from = nodes.indexOf(document.activeElement);
      if (step === undefined || from < 0 || !nodes[from + step]) return;
      event.preventDefault();
      nodes[from].setAttribute("tabindex", -1);
      nodes[from + step].setAttribute("tabindex", 0);
      nodes[from + step].focus();
    });
    svg.attr("role", "group");
  }

  function transfersChart() {
    const edges = charts.batch, used = [...new Set(edges.flatMap((e) => [e.sender, e.receiver]))].sort(d3.ascending);
    const side = Math.min(width, 620), middle = side / 2, radius = middle - 34;
    const place = new Map(used.map((slot, i) => [slot, (2 * Math.PI * i) / used.length - Math.PI / 2]));
    const point = (slot, r) => [middle + r * Math.cos(place.get(slot)), middle + r * Math.sin(place.get(slot))];
    const svg = canvas("chart-transfers", side, side, `Graph: ${grouped(d3.sum(edges, (e) => e.transfers))} transfers between ${used.length} accounts, ${edges.length} pairs of sender and receiver.`)
      .style("max-width", `${side}px`).style("margin", "0 auto");
    const wide = d3.scaleSqrt().domain([0, d3.max(edges, (e) => e.units)]).range([0.6, 5]);
    for (const e of edges) {
      const [x1, y1] = point(e.sender, radius), [x2, y2] = point(e.receiver, radius);
      svg.append("path").attr("class", "edge").attr("stroke-width", wide(e.units)).attr("d", `M${x1},${y1}Q${middle},${middle} ${x2},${y2}`)
        .append("title").text(`${e.sender} to ${e.receiver}: ${grouped(e.units)} units in ${e.transfers}`);
    }
    const traffic = new Map(used.map((slot) => [slot, d3.sum(edges, (e) => (e.sender === slot || e.receiver === slot ? e.transfers : 0))]));
    const big = d3.scaleSqrt().domain([0, d3.max([...traffic.values()])]).range([1.5, 9]);
    for (const slot of used) {
      const [x, y] = point(slot, radius);
      svg.append("circle").attr("class", "node").attr("cx", x).attr("cy", y).attr("r", big(traffic.get(slot))).append("title").text(`account ${slot}: ${traffic.get(slot)} transfers`);
      if (used.length > 64 && traffic.get(slot) < 6) continue;
      const [tx, ty] = point(slot, radius + 16);
      svg.append("text").attr("class", "note").attr("x", tx).attr("y", ty + 4).attr("text-anchor", "middle").text(slot);
    }
  }

  function barsChart(id, bars, label, left, log, text) {
    const row = 26, height = bars.length * row + 30, right = width - 74;
    const most = d3.max(bars, (b) => b.value), least = d3.min(bars, (b) => b.value);
    const x = log ? d3.scaleLog().domain([least / 2, most]).range([left, right]) : d3.scaleLinear().domain([0, most]).range([left, right]);
    const svg = canvas(id, width, height, label);
    bars.forEach((bar, i) => {
      const group = svg.append("g").attr("class", `series-${bar.series}`).attr("transform", `translate(0,${i * row + 4})`);
      if (bar.what) group.append("title").text(bar.what);
      group.append("text").attr("x", left - 8).attr("y", 14).attr("text-anchor", "end").text(bar.name);
      group.append("rect").attr("class", "bar").attr("x", left).attr("width", Math.max(1, x(bar.value) - left)).attr("height", row - 8);
      group.append("text").attr("x", Math.max(left + 1, x(bar.value)) + 6).attr("y", 14).text(text(bar.value));
    });
  }

  function peersChart() {
    const rows = peers.rows;
    document.getElementById("peers-about").textContent =
      `${peers.peer}, on ${peers.machine}: medians of alternating runs, measured when this version was made (docs/benchmarks.md has all rows), not in this run.`;
    barsChart("chart-peers", rows.flatMap((r) => [{ name: `${r.short}, ours`, what: r.what, value: r.ours, series: 0 }, { name: "halo2", what: r.what, value: r.peer, series: 1 }]),
      "Bar chart: " + rows.map((r) => `${r.what}: ours ${duration(r.ours * 1000)}, the peer ${duration(r.peer * 1000)}`).join("; ") + ".", 132, true,
      (value) => (value < 1e-6 ? `${Number((value * 1e9).toPrecision(3))} ns` : duration(value * 1000)));
  }

  stateChart("chart-state-before", charts.state.before, charts.state.before);
  stateChart("chart-state-after", charts.state.after, charts.state.before);
  transfersChart();
  trainingChart();
  errorsChart();
  barsChart("chart-stages", report.stages.map((s) => ({ name: s.name, value: Math.max(s.ms, 0.1), series: 0 })),
    "Bar chart of the stages: " + report.stages.map((s) => `${s.name} ${duration(s.ms)}`).join(", ") + ".", 76, true, duration);
  peersChart();
})();
