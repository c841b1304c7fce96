#include "model/onnx_transformer.hpp"

#include <cmath>
#include <numbers>
#include <optional>

#include <nlohmann/json.hpp>

#include "base/files.hpp"
#include "base/hash.hpp"
#include "model/erfc_coefficients.hpp"
#include "model/onnx_writer.hpp"
#include "model/quantized_encoder.hpp"

namespace ll::model {
namespace {

using namespace onnx;
using nlohmann::json;

constexpr const char* kDomain = "latentledger";  // of the function Gelu
constexpr double kInputRowLength = 1 / 1.3;      // as in training/network.cpp

/// What the graph needs of NetworkConfig.
struct Sizes {
  std::int64_t layers = 0, heads = 0, hidden = 0, feed_forward = 0, dims = 0, id_bits = 0, rotary_heads = 0;
};

Result<Sizes> read_sizes(const Safetensors& file) {
  const auto text = [&](const char* key) {
    const auto found = file.metadata.find(key);
    return found == file.metadata.end() ? std::string() : found->second;
  };
  if (text("format") != "latentledger-encoder")
    return Error(ErrorCode::mismatch, "encoder: __metadata__.format is not \"latentledger-encoder\"");
  const json config = json::parse(text("config"), nullptr, false);
  if (!config.is_object()) return malformed("encoder: __metadata__.config: JSON object expected");
  if (config.value("architecture", json("orthogonalising")) != "orthogonalising")
    return Error(ErrorCode::mismatch,
                 fmt::format("encoder: its architecture is {}; the ONNX form of T_theta is that of \"orthogonalising\"",
                             config["architecture"].dump()));
  Sizes sizes;
  const std::pair<const char*, std::int64_t*> fields[] = {{"layers", &sizes.layers},
                                                          {"heads", &sizes.heads},
                                                          {"hidden", &sizes.hidden},
                                                          {"feed_forward", &sizes.feed_forward},
                                                          {"dims", &sizes.dims},
                                                          {"id_bits", &sizes.id_bits},
                                                          {"rotary_heads", &sizes.rotary_heads}};
  for (const auto& [name, value] : fields) {
    const auto found = config.find(name);
    if (found == config.end() || !found->is_number_unsigned() || found->get<std::uint64_t>() > 65536)
      return malformed("encoder: __metadata__.config.{}: integer up to 65536 expected", name);
    *value = found->get<std::int64_t>();
  }
  if (sizes.layers < 1 || sizes.heads < 1 || sizes.hidden < 2 || sizes.hidden % sizes.heads != 0 ||
      sizes.rotary_heads > sizes.heads || sizes.id_bits < 1 || sizes.id_bits > 32 ||
      (sizes.rotary_heads > 0 && sizes.hidden / sizes.heads % 2 != 0))
    return malformed("encoder: __metadata__.config: heads, hidden, rotary_heads or id_bits do not fit together");
  return sizes;
}

/// A graph being written: its nodes in order, its constants, and a name for each value.
class Builder {
 public:
  explicit Builder(const Safetensors& weights) : weights_(weights) {}

  /// A node of one output; the output's name is returned.
  std::string add(std::string_view op, std::initializer_list<std::string_view> inputs, std::string output) {
    graph_.message(1, node(op, inputs, output));
    return output;
  }
  std::string add(Message made, std::string output) {
    graph_.message(1, made);
    return output;
  }
  std::string matmul(const std::string& a, const std::string& b, const std::string& output) {
    return add("MatMul", {a, b}, output);
  }
  /// A float64 constant without dimensions.
  std::string number(std::string name, double value) {
    graph_.message(5, scalar(name, value));
    return name;
  }
  template <class Number>
  std::string constant(std::string name, DataType type, std::initializer_list<std::uint64_t> dims,
                       const std::vector<Number>& values) {
    graph_.message(5, tensor<Number>(name, type, dims, std::span<const Number>(values)));
    return name;
  }
  /// A weight of the file, float32 there and in the model, cast to float64; transposed where asked.
  std::string weight(const std::string& name, std::initializer_list<std::uint64_t> shape, bool transpose) {
    const std::string in_file = "weight." + name;
    const auto values = values_of<float>(weights_, in_file, shape);
    if (!values) {
      if (!error_) error_ = values.error();
      return in_file;
    }
    for (const float value : values.value())
      if (!std::isfinite(value) && !error_)
        error_ = malformed("encoder: tensor \"{}\" holds a number that is not finite", in_file);
    graph_.message(5, tensor<float>(in_file, kFloat, shape, std::span<const float>(values.value())));
    std::string wide = add(cast(in_file, name, kDouble), name);
    return transpose ? add("Transpose", {wide}, name + ".T") : wide;
  }

  Message& graph() { return graph_; }
  const std::optional<Error>& error() const { return error_; }

 private:
  const Safetensors& weights_;
  Message graph_;  // GraphProto: node 1, name 2, initializer 5, input 11, output 12
  std::optional<Error> error_;
};

/// Gelu(x) = x Phi(x), Phi(-|x|) = erfc(|x| / sqrt 2) / 2: a FunctionProto (name 1, input 4, output 5, node 7, doc 8,
/// opset_import 9, domain 10) of operators that every runtime has in double.
Message gelu_function() {
  Message function;
  function.text(1, "Gelu").text(4, "x").text(5, "y");
  const auto constant = [&](const std::string& name, double value) {
    function.message(7, node("Constant", {}, name).message(5, tensor_attribute("value", scalar("", value))));
  };
  const auto add = [&](std::string_view op, std::initializer_list<std::string_view> inputs, std::string_view output) {
    function.message(7, node(op, inputs, output));
  };
  constant("half", 0.5), constant("one", 1), constant("two", 2), constant("root", 1 / std::numbers::sqrt2);
  add("Abs", {"x"}, "size");
  add("Mul", {"size", "root"}, "z");
  add("Add", {"z", "two"}, "z_2");
  add("Div", {"two", "z_2"}, "t");
  add("Mul", {"t", "two"}, "t_2");
  add("Sub", {"t_2", "one"}, "u");
  std::string sum = fmt::format("q{}", kErfcCoefficients.size() - 1);
  constant(sum, kErfcCoefficients.back());
  for (std::size_t k = kErfcCoefficients.size() - 1; k-- > 0;) {  // Horner
    const std::string coefficient = fmt::format("q{}", k), product = fmt::format("p{}", k),
                      next = fmt::format("s{}", k);
    constant(coefficient, kErfcCoefficients[k]);
    add("Mul", {sum, "u"}, product);
    add("Add", {product, coefficient}, next);
    sum = next;
  }
  add("Mul", {"z", "z"}, "z_z");
  add("Neg", {"z_z"}, "exponent");
  add("Exp", {"exponent"}, "bell");
  add("Mul", {"t", "bell"}, "t_bell");
  add("Mul", {"t_bell", sum}, "erfc");
  add("Mul", {"erfc", "half"}, "tail");
  add("Sub", {"half", "tail"}, "body");
  add("Sign", {"x"}, "sign");
  add("Mul", {"sign", "body"}, "side");
  add("Add", {"half", "side"}, "phi");
  add("Mul", {"x", "phi"}, "y");
  return function.text(8, "x Phi(x) in float64").message(9, Message().text(1, "").number(2, 17)).text(10, kDomain);
}

/// rows · length / sqrt(sum of squares + 1e-12)
std::string unit_rows(Builder& b, const std::string& x, const std::string& length, const std::string& name) {
  const auto squares = b.add("Mul", {x, x}, name + ".squares");
  const auto sum =
      b.add(node("ReduceSum", {squares, "last_axis"}, name + ".sum").message(5, integer_attribute("keepdims", 1)),
            name + ".sum");
  const auto norm = b.add("Sqrt", {b.add("Add", {sum, "tiny"}, name + ".sum_tiny")}, name + ".norm");
  return b.add("Mul", {x, b.add("Div", {length, norm}, name + ".factor")}, name);
}

/// V's features of the ids: sin(w . bits + phase), bits +-1, least significant first.
std::string features(Builder& b, const Sizes& s) {
  std::vector<std::int64_t> powers;
  for (std::int64_t bit = 0; bit < s.id_bits; ++bit) powers.push_back(std::int64_t{1} << bit);
  b.constant<std::int64_t>("bit_values", kInt64, {1, std::uint64_t(s.id_bits)}, powers);
  b.constant<std::int64_t>("two", kInt64, {}, {2});
  const auto column = b.add("Unsqueeze", {"account_ids", "last_axis"}, "ids_column");
  const auto shifted = b.add("Div", {column, "bit_values"}, "ids_shifted");
  const auto bits = b.add(cast(b.add("Mod", {shifted, "two"}, "bits"), "bits_f64", kDouble), "bits_f64");
  const auto signs = b.add("Sub", {b.add("Mul", {bits, b.number("two_f64", 2)}, "bits_doubled"), "one"}, "signs");
  const auto h = std::uint64_t(s.hidden);
  const auto waves = b.matmul(signs, b.weight("frequencies", {h, std::uint64_t(s.id_bits)}, true), "waves");
  const auto sines = b.add("Sin", {b.add("Add", {waves, b.weight("phases", {h}, false)}, "angles")}, "features");
  return b.matmul(sines, b.weight("input", {h, h}, true), "tokens");
}

/// Cosines and sines that turn the rotary heads by the slot number [N, hidden]; columns that do not turn have 1 and 0.
/// A column's partner stands half a head away, with the sign that its sine takes.
void rotary_tables(Builder& b, const Sizes& s) {
  const std::int64_t width = s.hidden / s.heads, half = width / 2;
  std::vector<double> rates(s.hidden, 0), signs(s.hidden, 0);
  std::vector<std::int64_t> partners(s.hidden), heads(s.hidden);
  for (std::int64_t column = 0; column < s.hidden; ++column) {
    heads[column] = column / width;
    partners[column] = column;
    if (column / width >= s.rotary_heads) continue;
    const bool first = column % width < half;
    rates[column] = std::pow(10000.0, double(column % half) / double(-half));
    partners[column] = first ? column + half : column - half;
    signs[column] = first ? -1 : 1;
  }
  const auto h = std::uint64_t(s.hidden);
  b.constant("head_of_column", kInt64, {h}, heads);
  if (s.rotary_heads == 0) return;
  b.constant("rotary_partners", kInt64, {h}, partners);
  b.constant("rotary_signs", kDouble, {h}, signs);
  b.constant("rotary_rates", kDouble, {1, h}, rates);
  b.constant<std::int64_t>("zero", kInt64, {}, {0});
  b.constant<std::int64_t>("step", kInt64, {}, {1});
  b.constant<std::int64_t>("scalar_shape", kInt64, {0}, {});
  const auto count = b.add("Reshape", {b.add("Shape", {"account_ids"}, "shape"), "scalar_shape"}, "accounts");
  const auto slots = b.add(cast(b.add("Range", {"zero", count, "step"}, "slots"), "slots_f64", kDouble), "slots_f64");
  const auto angles = b.add("Mul", {b.add("Unsqueeze", {slots, "last_axis"}, "slots_column"), "rotary_rates"}, "turns");
  b.add("Cos", {angles}, "cosines");
  b.add("Sin", {angles}, "sines");
}

std::string layer(Builder& b, const Sizes& s, const std::string& x, const std::string& name) {
  const auto h = std::uint64_t(s.hidden), ff = std::uint64_t(s.feed_forward), heads = std::uint64_t(s.heads);
  auto q = b.matmul(x, b.weight(name + ".p", {h, h}, true), name + ".q");
  if (s.rotary_heads > 0) {
    const auto partners =
        b.add(node("Gather", {q, "rotary_partners"}, name + ".partners").message(5, integer_attribute("axis", 1)),
              name + ".partners");
    const auto turned = b.add("Mul", {b.add("Mul", {partners, "rotary_signs"}, name + ".partners_signed"), "sines"},
                              name + ".sine_part");
    q = b.add("Add", {b.add("Mul", {q, "cosines"}, name + ".cosine_part"), turned}, name + ".q_turned");
  }
  const auto gains = b.add("Gather", {b.weight(name + ".g", {heads}, false), "head_of_column"}, name + ".gains");
  const auto scores =
      b.matmul(b.add("Mul", {q, gains}, name + ".q_gained"), b.add("Transpose", {q}, name + ".keys"), name + ".scores");
  const auto w = b.weight(name + ".w", {h, h}, false);
  const auto values = b.matmul(x, b.add("Transpose", {w}, name + ".w.T"), name + ".values");
  const auto mixed = b.matmul(b.matmul(scores, values, name + ".mixed"), w, name + ".attention");
  const auto kept = b.add("Mul", {x, b.weight(name + ".a", {1}, false)}, name + ".kept");
  const auto y = b.add("Sub", {kept, mixed}, name + ".y");

  const auto wide = b.matmul(b.add("Mul", {y, "root_hidden"}, name + ".y_scaled"),
                             b.weight(name + ".w1", {ff, h}, true), name + ".wide");
  const auto inner = b.add("Add", {wide, b.weight(name + ".b1", {ff}, false)}, name + ".inner");
  const auto active = b.add(node("Gelu", {inner}, name + ".active").text(7, kDomain), name + ".active");
  const auto narrow = b.matmul(active, b.weight(name + ".w2", {h, ff}, true), name + ".narrow");
  const auto forward = b.add("Add", {narrow, b.weight(name + ".b2", {h}, false)}, name + ".forward");
  return b.add("Add", {y, b.add("Div", {forward, "root_hidden"}, name + ".forward_scaled")}, name + ".out");
}

/// V^ by the rule of QuantizedEncoder::quantize, operation for operation.
void quantise(Builder& b, const std::string& v, const EncoderShape& shape) {
  b.number("half", 0.5);
  b.number("largest_vhat", std::ldexp(1.0, int(shape.v_frac_bits)));
  const auto largest =
      b.add(node("ReduceMax", {b.add("Abs", {v}, "v_size")}, "v_largest").message(5, integer_attribute("keepdims", 0)),
            "v_largest");
  const auto scaled = b.add("Div", {b.add("Mul", {v, "largest_vhat"}, "v_scaled"), largest}, "v_exact");
  const auto size = b.add("Abs", {scaled}, "v_exact_size"), whole = b.add("Floor", {size}, "v_whole");
  const auto rest = b.add("Sub", {size, whole}, "v_rest");  // exact, so a half is seen as a half
  const auto up = b.add(cast(b.add("GreaterOrEqual", {rest, "half"}, "v_up"), "v_up_f64", kDouble), "v_up_f64");
  b.add("Mul", {b.add("Sign", {scaled}, "v_sign"), b.add("Add", {whole, up}, "v_rounded")}, "vhat_f64");
  b.add(cast("vhat_f64", "vhat", kInt16), "vhat");
}

}  // namespace

Result<Bytes> encode_transformer_onnx(const Safetensors& weights, const std::string& weights_sha256) {
  const auto read = read_sizes(weights);
  if (!read) return read.error();
  const Sizes& s = read.value();
  const EncoderShape shape{.dims = std::size_t(s.dims)};

  Builder b(weights);
  b.constant<std::int64_t>("last_axis", kInt64, {1}, {-1});
  b.number("one", 1), b.number("tiny", 1e-12), b.number("input_length", kInputRowLength);
  b.number("root_hidden", std::sqrt(double(s.hidden)));
  b.number("unit", std::ldexp(1.0, -int(shape.scale_bits())));
  std::string x = unit_rows(b, features(b, s), "input_length", "x");
  rotary_tables(b, s);
  for (std::int64_t i = 0; i < s.layers; ++i) x = layer(b, s, x, fmt::format("layer{}", i));
  const auto last =
      b.matmul(x, b.weight("output", {std::uint64_t(s.dims), std::uint64_t(s.hidden)}, true), "directions");
  quantise(b, unit_rows(b, last, "one", "v"), shape);
  b.add(cast("balances", "balances_f64", kDouble), "balances_f64");
  b.matmul("balances_f64", "vhat_f64", "embedding_f64");
  b.add(cast("embedding_f64", "embedding_int", kInt64), "embedding_int");
  b.add("Mul", {"embedding_f64", "unit"}, "embedding");
  if (b.error()) return *b.error();

  const auto d = std::uint64_t(s.dims);
  b.graph()
      .text(2, "latentledger-transformer")
      .message(11, value_info("account_ids", kInt64, {extent("accounts")},
                              fmt::format("different ids in [0, 2^{}), at most {}", s.id_bits, s.hidden)))
      .message(11, value_info("balances", kInt64, {extent("batch"), extent("accounts")},
                              fmt::format("balances in slot order, each in [0, 2^{})", shape.balance_bits)))
      .message(12, value_info("vhat", kInt16, {extent("accounts"), extent(d)}, "V^ = round(2^14 V / max|V|)"))
      .message(12, value_info("embedding_int", kInt64, {extent("batch"), extent(d)},
                              "exact integer embedding for at most 128 accounts"))
      .message(12, value_info("embedding", kDouble, {extent("batch"), extent(d)},
                              fmt::format("embedding_int / 2^{}", shape.scale_bits())));
  return model_of(b.graph())
      .message(8, Message().text(1, kDomain).number(2, 1))
      .message(14, property("schema_version", "1"))
      .message(14, property("config", weights.metadata.at("config")))
      .message(14, property("v_frac_bits", std::to_string(shape.v_frac_bits)))
      .message(14, property("balance_bits", std::to_string(shape.balance_bits)))
      .message(14, property("weights_sha256", weights_sha256))
      .message(25, gelu_function())
      .finish();
}

void write_transformer_onnx(const std::filesystem::path& path, const std::filesystem::path& encoder) {
  const Bytes bytes = read_file(encoder);
  const auto weights = decode_safetensors(bytes);
  if (!weights) throw weights.error().at(encoder.string());
  const auto made = encode_transformer_onnx(weights.value(), to_hex(sha256(bytes)));
  if (!made) throw made.error().at(encoder.string());
  write_file(path, made.value());
}

}  // namespace ll::model
