#include "cli/application.hpp"

int main(int argc, char** argv) {
  ll::cli::Application application;
  ll::cli::add_data_commands(application);
  ll::cli::add_encoder_commands(application);
  ll::cli::add_srs_commands(application);
  ll::cli::add_proof_commands(application);
  return application.run(argc, argv);
}
