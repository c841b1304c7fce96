// What each statement costs, as a snapshot: a change shows in the diff.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/error.hpp"
#include "base/files.hpp"
#include "circuits/statements.hpp"
#include "halo2/estimate.hpp"
#include "halo2/mock_prover.hpp"

namespace ll::circuits {
namespace {

const UpdateShape kSmall{.encoder = {.accounts = 4, .dims = 16}, .transfers = 6};
const UpdateShape kLarge{.encoder = {}, .transfers = 1024};

/// One line of circuits/costs.csv.
std::string cost(const std::string& name, const std::string& statement, const UpdateShape& shape) {
  const SampleStatement made = sample_statement(statement, shape);
  const auto e = halo2::estimate(*made.circuit, made.k, made.compress_selectors, halo2::reference_costs());
  EXPECT_EQ(e.used_rows, made.rows) << name;
  return fmt::format("{},{},{},{},{},{},{},{}\n", name, e.k, e.advice_columns, e.fixed_columns, e.lookups, e.degree,
                     e.proof_bytes, e.used_rows);
}

/// The same for a size whose table is too large to fill in a test: what configure() and the layout say.
std::string cost_by_layout(const std::string& name, const UpdateShape& shape) {
  UpdateCircuit circuit(shape);
  halo2::ConstraintSystem cs;
  circuit.configure(cs);
  return fmt::format("{},{},{},{},{},{},{},{}\n", name, circuit.k(), cs.advice_columns(), cs.fixed_columns(),
                     cs.lookups().size(), cs.degree(), cs.proof_bytes(), circuit.layout().used_rows);
}

std::string costs() {
  std::string text = "statement,k,advice,fixed,lookups,degree,proof_bytes,rows\n";
  for (const std::string& statement : statement_names()) {
    text += cost(statement, statement, {});
    const bool batches = statement != kDelta;
    text += cost(statement + (batches ? " 4x16x6" : " 4x16"), statement, kSmall);
    if (batches) text += cost(statement + " 128x512x1024", statement, kLarge);
  }
  EXPECT_EQ(cost_by_layout("update", {}), cost("update", kUpdate, {}));
  text += cost_by_layout("update 1 transfer", {.transfers = 1});
  text += cost_by_layout("update 16 accounts", {.encoder = {.accounts = 16}});
  text += cost_by_layout("update standalone", {.standalone = true});
  text += cost_by_layout("update exact wei", {.limbs = 4});
  text += cost_by_layout("update 4096 transfers", {.transfers = 4096});
  text += cost_by_layout("update 4096 transfers in 4 columns", {.transfers = 4096, .columns = 4});
  text += cost_by_layout("update 1024x1024 standalone",
                         {.encoder = {.accounts = 1024, .dims = 1024, .v_frac_bits = 11}, .standalone = true});
  for (const unsigned columns : {1u, 2u, 4u, 8u})
    text += cost_by_layout(fmt::format("update 65536 transfers in {} columns", columns),
                           {.transfers = 65536, .columns = columns});
  return text;
}

TEST(Costs, SnapshotIsUpToDate) {
  constexpr const char* kFile = LL_SOURCE_DIR "/circuits/costs.csv";
  const std::string now = costs();
  if (std::getenv("LL_UPDATE_COSTS") != nullptr) write_text(kFile, now);
  EXPECT_EQ(read_text(kFile), now) << "A statement's cost has changed. If that is meant, write the new snapshot with\n"
                                      "  LL_UPDATE_COSTS=1 build/release/ll_circuits_test --gtest_filter='Costs.*'\n"
                                      "and commit circuits/costs.csv with the change that caused it.";
}

TEST(Statements, SamplesAreHonestAndNothingLooksForgotten) {
  for (const std::string& statement : statement_names()) {
    for (const UpdateShape& shape : {UpdateShape{}, kSmall}) {
      SampleStatement made = sample_statement(statement, shape);
      const halo2::MockReport report = halo2::MockProver::examine(made.k, *made.circuit, made.instances);
      EXPECT_TRUE(report.failures.empty()) << report.failures.front().to_string();
      EXPECT_TRUE(report.warnings.empty()) << report.warnings.front().to_string();
    }
  }
  EXPECT_THROW((void)sample_statement("nonsense", {}), Error);
  EXPECT_THROW((void)sample_statement("update", {.encoder = {.accounts = 1}, .transfers = 1}), Error);
}

}  // namespace
}  // namespace ll::circuits
