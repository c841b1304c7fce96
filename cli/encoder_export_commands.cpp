// Verbs `quantize` and `export-onnx`.
#include <memory>

#include "base/hash.hpp"
#include "cli/application.hpp"
#include "cli/encoder_folder.hpp"
#include "cli/ledger_folder.hpp"
#include "model/encoder_file.hpp"
#include "model/onnx_export.hpp"
#include "model/onnx_transformer.hpp"

namespace ll::cli {
namespace {

namespace fs = std::filesystem;

struct ExportArguments {
  fs::path encoder, data, output;
  bool transformer = false;
};

/// T_theta and E for any account set: no ledger is needed.
Outcome export_transformer(const ExportArguments& arguments, Session& session) {
  const fs::path encoder = encoder_file(session.path_or(arguments.encoder, "encoder"));
  session.input(encoder, "make it with `train`");
  const fs::path file = session.path_or(arguments.output, "encoder/encoder_final.onnx");
  model::write_transformer_onnx(file, encoder);
  session.output("onnx", file);
  Json result = {{"weights_sha256", session.inputs()[encoder.string()]}, {"sha256", sha256_file(file)}};
  return {.result = std::move(result),
          .text = fmt::format("T_theta and E(S) for any account set in {}\n", file.string())};
}

/// V^ of the ledger's accounts into a file of one of two formats.
Outcome export_encoder(const ExportArguments& arguments, const char* default_name, bool onnx, Session& session) {
  if (arguments.transformer) return export_transformer(arguments, session);
  const ledger::Dataset data = load_ledger(session, session.path_or(arguments.data, "ledger"));
  const LoadedEncoder loaded = load_encoder(session, session.path_or(arguments.encoder, "encoder"));
  const fs::path file = session.path_or(arguments.output, default_name);
  const model::QuantizedEncoder encoder = quantized_for(loaded, data);
  session.check_stop();
  if (onnx) {
    model::write_onnx(file, encoder);
  } else {
    model::write_quantized_encoder(file, encoder);
  }
  session.output(onnx ? "onnx" : "vhat", file);
  const std::string digest = to_hex(encoder.digest());
  Json result = {{"accounts", encoder.shape().accounts}, {"used_accounts", data.accounts.size()},
                 {"dims", encoder.shape().dims},         {"vhat_digest", digest},
                 {"weights_sha256", loaded.sha256},      {"sha256", sha256_file(file)}};
  return {.result = std::move(result),
          .text = fmt::format("V^ {} x {} (digest {}) in {}\n", encoder.shape().accounts, encoder.shape().dims, digest,
                              file.string())};
}

void add_export(Application& application, const std::string& name, const std::string& description, bool onnx,
                const char* default_name) {
  auto arguments = std::make_shared<ExportArguments>();
  CLI::App& verb =
      application.verb(application.root(), name, description,
                       name + " --encoder latentledger-work/encoder --data latentledger-work/ledger",
                       [=](Session& session) { return export_encoder(*arguments, default_name, onnx, session); });
  verb.add_option("--encoder", arguments->encoder, "Encoder folder [WORKDIR/encoder]");
  CLI::Option* data = verb.add_option("--data", arguments->data, "Ledger folder [WORKDIR/ledger]");
  verb.add_option("-o,--output", arguments->output, fmt::format("File to write [WORKDIR/{}]", default_name));
  if (onnx)
    verb.add_flag("--transformer", arguments->transformer,
                  "Instead the transformer itself, for any account set, with E(S) behind it "
                  "[WORKDIR/encoder/encoder_final.onnx]")
        ->excludes(data);
}

}  // namespace

void add_encoder_export_commands(Application& application) {
  add_export(application, "export-onnx", "The encoder E(S) of the ledger's accounts as an ONNX model", true,
             "encoder/encoder.onnx");
  add_export(application, "quantize", "V^ of the ledger's accounts: the integers that circuits use", false,
             "encoder/vhat.safetensors");
}

}  // namespace ll::cli
