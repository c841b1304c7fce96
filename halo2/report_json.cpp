#include "halo2/report_json.hpp"

#include <nlohmann/json.hpp>

namespace ll::halo2 {

using Json = nlohmann::ordered_json;

namespace {

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

}  // namespace

Json to_json(const CellName& cell) {
  return {{"column", column_name(cell.column)},
          {"row", cell.row},
          {"region", text_or_null(cell.region)},
          {"region_row", cell.region_row},
          {"annotation", text_or_null(cell.annotation)}};
}

Json to_json(const MockFailure& failure) {
  Json cells = Json::array();
  for (const MockCell& cell : failure.cells) {
    Json object = to_json(cell.name);
    object["rotation"] = cell.rotation ? Json(*cell.rotation) : Json();
    object["value"] = cell.blinding ? Json() : Json(cell.value);
    cells.push_back(std::move(object));
  }
  Json object = {{"kind", to_string(failure.kind)},        {"name", failure.name},
                 {"region", text_or_null(failure.region)}, {"row", failure.row},
                 {"region_row", failure.region_row},       {"blinding", failure.blinding}};
  if (failure.kind == MockFailure::Kind::gate) {
    object["gate"] = failure.gate;
    object["constraint"] = text_or_null(failure.constraint);
  }
  if (!failure.tuple.empty()) object["tuple"] = failure.tuple;
  if (!failure.side.empty()) object["side"] = failure.side;
  object["cells"] = std::move(cells);
  return object;
}

Json to_json(const MockWarning& warning) {
  Json object = {{"kind", to_string(warning.kind)}, {"subject", warning.subject}, {"message", warning.to_string()}};
  if (warning.cell) {
    object["row"] = warning.row;
    object["rows"] = warning.count;
    object["cell"] = to_json(*warning.cell);
  }
  return object;
}

Json to_json(const RecordedCopy& copy) { return {{"a", to_json(copy.a)}, {"b", to_json(copy.b)}}; }

}  // namespace ll::halo2
