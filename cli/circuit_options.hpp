#pragma once
#include <string>

#include <CLI/CLI.hpp>

#include "circuits/statements.hpp"

namespace ll::cli {

/// Which circuit, and of what size.
struct CircuitArguments {
  std::string statement = "update";
  circuits::UpdateShape shape;
};

inline void add_circuit_options(CLI::App& verb, CircuitArguments& arguments) {
  const CLI::Range sizes(1, 1 << 20), few(1, 32);
  verb.add_option("--statement", arguments.statement, "Which circuit")
      ->check(CLI::IsMember(circuits::statement_names()))
      ->capture_default_str();
  verb.add_option("--transfers", arguments.shape.transfers, "Largest batch")->check(sizes)->capture_default_str();
  verb.add_option("--accounts", arguments.shape.encoder.accounts, "Accounts")->check(sizes)->capture_default_str();
  verb.add_option("--dims", arguments.shape.encoder.dims, "Dimensions of an embedding")
      ->check(sizes)
      ->capture_default_str();
  verb.add_option("--limbs", arguments.shape.limbs, "Words of 32 bits in a balance; 4: exact wei")
      ->check(few)
      ->capture_default_str();
  verb.add_option("--columns", arguments.shape.columns, "Columns of transfers side by side")
      ->check(few)
      ->capture_default_str();
  verb.add_flag("--standalone", arguments.shape.standalone, "Start balances are ranged too");
  verb.add_option("--v-frac-bits", arguments.shape.encoder.v_frac_bits,
                  "Bits of an entry of V^; fewer for more accounts")
      ->check(few)
      ->capture_default_str();
}

}  // namespace ll::cli
