// The tables of lies in docs/statements.md are made from the lies themselves.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>

#include "base/files.hpp"
#include "circuits/delta_lies.hpp"
#include "circuits/private_lies.hpp"

namespace ll::circuits {
namespace {

/// One row a constraint, in the order of the gates: its name and the lies that break it and nothing else.
template <class Lies>
std::string table(halo2::Circuit& circuit, const Lies& lies) {
  halo2::ConstraintSystem cs;
  circuit.configure(cs);
  EXPECT_EQ(cs.permutation_columns().size(), 0u) << "copies need lies of their own";
  std::string text = "| constraint | lies |\n|---|---|\n";
  std::size_t told = 0;
  for (const auto& gate : cs.gates()) {
    for (const auto& part : gate.constraint_names) {
      const std::string name = part.empty() ? gate.name : gate.name + " / " + part;
      std::string list;
      for (const auto& lie : lies) {
        if (lie.breaks != std::set<std::string>{name}) continue;
        list += fmt::format("{}`{}`", list.empty() ? "" : ", ", lie.name);
        ++told;
      }
      EXPECT_FALSE(list.empty()) << name << " has no lie";
      text += fmt::format("| {} | {} |\n", name, list);
    }
  }
  return text + fmt::format("\n{} lies.\n", told);
}

std::map<std::string, std::string> tables() {
  const UpdateShape shape = small_setting().shape, standalone{.encoder = shape.encoder, .standalone = true};
  UpdateCircuit update(standalone);
  DeltaCircuit delta(shape.encoder);
  PrivateUpdateCircuit update_private(shape);
  StateOpeningCircuit genesis(OpeningKind::genesis, shape), open(OpeningKind::open, shape);
  return {{"update", table(update, update_lies(standalone))},
          {"delta", table(delta, delta_lies())},
          {"update-private", table(update_private, private_update_lies())},
          {"genesis", table(genesis, opening_lies(OpeningKind::genesis, shape))},
          {"open", table(open, opening_lies(OpeningKind::open, shape))}};
}

TEST(LiesTable, InTheDocumentIsUpToDate) {
  const std::string file = LL_SOURCE_DIR "/docs/statements.md";
  const std::string found = read_text(file);
  std::string now = found;
  for (const auto& [statement, text] : tables()) {
    const std::string begin = fmt::format("<!-- lies of {}: made by ll_circuits_test, LiesTable -->\n", statement);
    const std::string end = "<!-- end of lies -->\n";
    const std::size_t from = now.find(begin), to = now.find(end, from);
    ASSERT_NE(from, std::string::npos) << statement;
    ASSERT_NE(to, std::string::npos) << statement;
    now.replace(from + begin.size(), to - from - begin.size(), text);
  }
  if (std::getenv("LL_UPDATE_DOCS") != nullptr) write_text(file, now);
  EXPECT_EQ(found, now) << "The lies have changed. Write the tables anew with\n"
                           "  LL_UPDATE_DOCS=1 build/release/ll_circuits_test --gtest_filter='LiesTable.*'";
}

}  // namespace
}  // namespace ll::circuits
