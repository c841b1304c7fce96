#include "bench/bench_command.hpp"
#include "demo/story.hpp"

int main(int argc, char** argv) {
  ll::cli::Application application;
  ll::cli::add_data_commands(application);
  ll::cli::add_train_command(application);
  ll::cli::add_evaluate_command(application);
  ll::cli::add_encoder_export_commands(application);
  ll::cli::add_srs_commands(application);
  ll::cli::add_ceremony_commands(application);
  ll::cli::add_circuit_commands(application);
  ll::cli::add_estimate_command(application);
  ll::cli::add_proof_commands(application);
  ll::cli::add_chain_commands(application);
  ll::cli::add_model_commands(application);
  ll::cli::extend_proof_commands_by_models(application);
  ll::demo::add_demo_command(application);
  ll::demo::add_report_command(application);
  ll::cli::add_doctor_command(application);
  ll::bench::add_bench_command(application);
  ll::cli::add_help_commands(application);
  return application.run(argc, argv);
}
