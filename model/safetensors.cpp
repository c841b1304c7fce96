#include "model/safetensors.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <set>

#include <nlohmann/json.hpp>

namespace ll::model {
namespace {

static_assert(std::endian::native == std::endian::little, "tensor bytes are copied as they are");

using nlohmann::json;

constexpr std::uint64_t kMaxHeader = 100'000'000;  // the limit of the reference implementation
constexpr std::array kDtypes = {Dtype::f64, Dtype::i64, Dtype::f32, Dtype::i32, Dtype::u32, Dtype::i16, Dtype::u8};

std::optional<Dtype> dtype_of(const std::string& name) {
  for (const Dtype dtype : kDtypes)
    if (name == to_string(dtype)) return dtype;
  return std::nullopt;
}

/// product(shape)·size, or nullopt beyond 2^62.
std::optional<std::uint64_t> byte_count(const std::vector<std::uint64_t>& shape, Dtype dtype) {
  std::uint64_t count = size_of(dtype);
  if (std::ranges::find(shape, 0u) != shape.end()) return 0;
  for (const std::uint64_t extent : shape) {
    if (extent > (std::uint64_t{1} << 62) / count) return std::nullopt;
    count *= extent;
  }
  return count;
}

/// JSON object without exceptions; refuses a key that stands twice in one object.
std::optional<json> parse_header(std::string_view text, std::string& why) {
  std::vector<std::set<std::string>> keys;
  bool twice = false;
  const json::parser_callback_t watch = [&](int, json::parse_event_t event, json& parsed) {
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key && !keys.back().insert(parsed.get<std::string>()).second) {
      if (!twice) why = "key \"" + parsed.get<std::string>() + "\" stands twice";
      twice = true;
    }
    return true;
  };
  json header = json::parse(text.begin(), text.end(), watch, false);
  if (twice) return std::nullopt;
  if (header.is_discarded() || !header.is_object()) {
    why = "not a JSON object";
    return std::nullopt;
  }
  return header;
}

struct Entry {
  std::string name;
  Tensor tensor;
  std::uint64_t begin = 0, end = 0;
};

Result<std::vector<std::uint64_t>> read_unsigned_list(const json& list, const std::string& name, const char* field) {
  if (!list.is_array()) return malformed("safetensors: tensor \"{}\", {}: list of integers expected", name, field);
  std::vector<std::uint64_t> values;
  for (const json& item : list) {
    if (!item.is_number_unsigned())
      return malformed("safetensors: tensor \"{}\", {}: {} where an unsigned integer is expected", name, field,
                       item.type_name());
    values.push_back(item.get<std::uint64_t>());
  }
  return values;
}

Result<Entry> read_entry(const std::string& name, const json& item, std::uint64_t data_size) {
  if (!item.is_object() || item.size() != 3 || !item.contains("dtype") || !item.contains("shape") ||
      !item.contains("data_offsets"))
    return malformed("safetensors: tensor \"{}\": keys dtype, shape, data_offsets expected, no others", name);
  if (!item["dtype"].is_string()) return malformed("safetensors: tensor \"{}\", dtype: string expected", name);
  const auto dtype = dtype_of(item["dtype"].get<std::string>());
  if (!dtype)
    return malformed("safetensors: tensor \"{}\", dtype: \"{}\" is not one we read", name,
                     item["dtype"].get<std::string>());
  auto shape = read_unsigned_list(item["shape"], name, "shape");
  if (!shape) return shape.error();
  auto offsets = read_unsigned_list(item["data_offsets"], name, "data_offsets");
  if (!offsets) return offsets.error();
  if (offsets.value().size() != 2)
    return malformed("safetensors: tensor \"{}\", data_offsets: {} numbers, 2 expected", name, offsets.value().size());
  const std::uint64_t begin = offsets.value()[0], end = offsets.value()[1];
  if (begin > end || end > data_size)
    return malformed("safetensors: tensor \"{}\", data_offsets: [{}, {}] in a data section of {} bytes", name, begin,
                     end, data_size);
  const auto wanted = byte_count(shape.value(), *dtype);
  if (!wanted || *wanted != end - begin)
    return malformed("safetensors: tensor \"{}\": {} bytes of data do not fit its shape and dtype {}", name,
                     end - begin, to_string(*dtype));
  return Entry{name, Tensor{*dtype, std::move(shape).value(), {}}, begin, end};
}

template <class T>
constexpr Dtype dtype_for() {
  if constexpr (std::is_same_v<T, double>) return Dtype::f64;
  if constexpr (std::is_same_v<T, std::int64_t>) return Dtype::i64;
  if constexpr (std::is_same_v<T, float>) return Dtype::f32;
  if constexpr (std::is_same_v<T, std::int32_t>) return Dtype::i32;
  if constexpr (std::is_same_v<T, std::uint32_t>) return Dtype::u32;
  if constexpr (std::is_same_v<T, std::int16_t>) return Dtype::i16;
  if constexpr (std::is_same_v<T, std::uint8_t>) return Dtype::u8;
}

}  // namespace

const char* to_string(Dtype dtype) noexcept {
  switch (dtype) {
    case Dtype::f64:
      return "F64";
    case Dtype::i64:
      return "I64";
    case Dtype::f32:
      return "F32";
    case Dtype::i32:
      return "I32";
    case Dtype::u32:
      return "U32";
    case Dtype::i16:
      return "I16";
    case Dtype::u8:
      return "U8";
  }
  return "?";
}

std::size_t size_of(Dtype dtype) noexcept {
  switch (dtype) {
    case Dtype::f64:
    case Dtype::i64:
      return 8;
    case Dtype::f32:
    case Dtype::i32:
    case Dtype::u32:
      return 4;
    case Dtype::i16:
      return 2;
    case Dtype::u8:
      return 1;
  }
  return 1;
}

Bytes encode_safetensors(const Safetensors& file) {
  std::vector<const std::pair<const std::string, Tensor>*> order;
  for (const auto& item : file.tensors) {
    const auto& [name, tensor] = item;
    LL_CHECK(name != "__metadata__", "safetensors: a tensor cannot be named __metadata__");
    LL_CHECK(byte_count(tensor.shape, tensor.dtype) == tensor.data.size(),
             "safetensors: tensor \"{}\" has {} bytes, its shape asks for {}", name, tensor.data.size(),
             byte_count(tensor.shape, tensor.dtype).value_or(0));
    order.push_back(&item);
  }
  std::ranges::stable_sort(order, std::greater{}, [](const auto* item) { return size_of(item->second.dtype); });

  json header = json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t offset = 0;
  for (const auto* item : order) {
    const Tensor& tensor = item->second;
    header[item->first] = {{"dtype", to_string(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, offset + tensor.data.size()}}};
    offset += tensor.data.size();
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');

  Bytes bytes;
  bytes.reserve(8 + text.size() + offset);
  append_u64_le(bytes, text.size());
  bytes.insert(bytes.end(), text.begin(), text.end());
  for (const auto* item : order) append(bytes, item->second.data);
  return bytes;
}

Result<Safetensors> decode_safetensors(ByteSpan bytes) {
  ByteReader reader(bytes, "safetensors");
  const auto length = reader.u64_le("header length");
  if (!length) return length.error();
  if (length.value() > kMaxHeader)
    return malformed("safetensors: header length {} at offset 0, at most {} expected", length.value(), kMaxHeader);
  const auto text = reader.take(static_cast<std::size_t>(length.value()), "header");
  if (!text) return text.error();
  std::string why;
  const auto header = parse_header({reinterpret_cast<const char*>(text.value().data()), text.value().size()}, why);
  if (!header) return malformed("safetensors: header at offset 8: {}", why);

  Safetensors file;
  std::vector<Entry> entries;
  for (const auto& [name, item] : header->items()) {
    if (name == "__metadata__") {
      if (!item.is_object()) return malformed("safetensors: __metadata__: object of strings expected");
      for (const auto& [key, value] : item.items()) {
        if (!value.is_string()) return malformed("safetensors: __metadata__.{}: string expected", key);
        file.metadata[key] = value.get<std::string>();
      }
      continue;
    }
    auto entry = read_entry(name, item, reader.remaining());
    if (!entry) return entry.error();
    entries.push_back(std::move(entry).value());
  }

  std::ranges::sort(entries, {}, [](const Entry& entry) { return std::pair(entry.begin, entry.end); });
  std::uint64_t covered = 0;
  for (Entry& entry : entries) {
    if (entry.begin != covered)
      return malformed("safetensors: tensor \"{}\" begins at {}, the data before it ends at {}", entry.name,
                       entry.begin, covered);
    auto data = reader.take(static_cast<std::size_t>(entry.end - entry.begin), entry.name);
    if (!data) return data.error();
    entry.tensor.data.assign(data.value().begin(), data.value().end());
    covered = entry.end;
    file.tensors.emplace(std::move(entry.name), std::move(entry.tensor));
  }
  if (auto left_over = reader.expect_end()) return *left_over;
  return file;
}

template <class T>
Tensor tensor_of(std::vector<std::uint64_t> shape, std::span<const T> values) {
  Tensor tensor{dtype_for<T>(), std::move(shape), Bytes(values.size_bytes())};
  if (!values.empty()) std::memcpy(tensor.data.data(), values.data(), values.size_bytes());
  return tensor;
}

template <class T>
Result<std::vector<T>> values_of(const Safetensors& file, const std::string& name,
                                 const std::vector<std::uint64_t>& shape) {
  const auto found = file.tensors.find(name);
  if (found == file.tensors.end()) return malformed("safetensors: tensor \"{}\" is missing", name);
  const Tensor& tensor = found->second;
  if (tensor.dtype != dtype_for<T>())
    return malformed("safetensors: tensor \"{}\" is {}, {} expected", name, to_string(tensor.dtype),
                     to_string(dtype_for<T>()));
  if (tensor.shape != shape)
    return malformed("safetensors: tensor \"{}\" has shape [{}], [{}] expected", name, fmt::join(tensor.shape, ", "),
                     fmt::join(shape, ", "));
  std::vector<T> values(tensor.data.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), tensor.data.data(), tensor.data.size());
  return values;
}

#define LL_INSTANTIATE(T)                                                              \
  template Tensor tensor_of<T>(std::vector<std::uint64_t>, std::span<const T>);        \
  template Result<std::vector<T>> values_of<T>(const Safetensors&, const std::string&, \
                                               const std::vector<std::uint64_t>&);
LL_INSTANTIATE(double)
LL_INSTANTIATE(std::int64_t)
LL_INSTANTIATE(float)
LL_INSTANTIATE(std::int32_t)
LL_INSTANTIATE(std::uint32_t)
LL_INSTANTIATE(std::int16_t)
LL_INSTANTIATE(std::uint8_t)
#undef LL_INSTANTIATE

}  // namespace ll::model
