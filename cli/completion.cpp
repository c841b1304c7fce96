#include "cli/completion.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace ll::cli {
namespace {

/// Program, groups and verbs, those above first.
std::vector<Json> flat(const Json& tree) {
  std::vector<Json> nodes = {tree};
  for (const Json& verb : tree["verbs"]) {
    const std::vector<Json> below = flat(verb);
    nodes.insert(nodes.end(), below.begin(), below.end());
  }
  return nodes;
}

std::string name_of(const Json& node) { return node["name"].get<std::string>(); }
std::string last_word(const std::string& name) { return name.substr(name.rfind(' ') + 1); }
std::string description_of(const Json& node) { return node["description"].get<std::string>(); }
bool takes_value(const Json& option) { return !option["type"].is_null(); }
bool takes_file(const Json& option) { return option["type"] == "TEXT" && option["choices"].is_null(); }

std::vector<std::string> words_of(const Json& list) {
  return list.is_null() ? std::vector<std::string>() : list.get<std::vector<std::string>>();
}

/// What can stand behind the verb itself: verbs of a group, or the values of a positional.
std::vector<std::string> words_behind(const Json& node) {
  std::vector<std::string> words;
  for (const Json& verb : node["verbs"]) words.push_back(last_word(name_of(verb)));
  for (const Json& positional : node["positionals"]) {
    for (const std::string& word : words_of(positional["choices"])) words.push_back(word);
  }
  return words;
}

/// "verb word" of every verb, as the scripts follow the words of the line; the first level has an empty verb.
std::vector<std::string> steps_of(const std::vector<Json>& nodes) {
  std::vector<std::string> steps;
  for (const Json& node : nodes) {
    for (const Json& verb : node["verbs"]) steps.push_back(name_of(node) + " " + last_word(name_of(verb)));
  }
  return steps;
}

/// Names of the program's own options that take a value: the word behind them is no verb.
std::vector<std::string> global_values(const Json& tree) {
  std::vector<std::string> names;
  for (const Json& option : tree["options"]) {
    if (!takes_value(option)) continue;
    for (const Json& name : option["names"]) names.push_back(name.get<std::string>());
  }
  return names;
}

std::string quoted(const std::vector<std::string>& words, std::string_view between) {
  std::vector<std::string> parts;
  for (const std::string& word : words) parts.push_back('"' + word + '"');
  return fmt::format("{}", fmt::join(parts, between));
}

/// Text inside single quotes of a shell: 'it'\''s'.
std::string single_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return result + "'";
}

/// Text inside single quotes of fish, where a quote and a backslash are escaped.
std::string fish_quoted(std::string_view text) {
  std::string result = "'";
  for (const char c : text) result += (c == '\'' || c == '\\' ? "\\" : "") + std::string(1, c);
  return result + "'";
}

/// An option of zsh's _arguments: [, ] and : mean something there.
std::string zsh_escaped(std::string_view text) {
  std::string result;
  for (const char c : text) result += (c == '[' || c == ']' || c == ':' || c == '\\' ? "\\" : "") + std::string(1, c);
  return result;
}

std::string zsh_values(const Json& option) {
  const std::vector<std::string> choices = words_of(option["choices"]);
  if (!choices.empty()) return fmt::format("({})", fmt::join(choices, " "));
  return takes_file(option) ? "_files" : " ";
}

std::string zsh_options(const Json& options) {
  std::string text;
  for (const Json& option : options) {
    const std::vector<std::string> names = words_of(option["names"]);
    const std::string value = takes_value(option) ? ":value:" + zsh_values(option) : "";
    // An option that may come again excludes nothing; another excludes its other names.
    const std::string exclude = option["many"].get<bool>() ? "*" : fmt::format("({})", fmt::join(names, " "));
    for (const std::string& name : names)
      text += " " + single_quoted(exclude + name + "[" + zsh_escaped(description_of(option)) + "]" + value);
  }
  return text;
}

}  // namespace

std::string bash_completion(const Json& tree) {
  const std::vector<Json> nodes = flat(tree);
  std::string values, words;
  const auto value_case = [&](const Json& node, const Json& option) {
    if (!takes_value(option)) return;
    std::vector<std::string> patterns;
    for (const Json& name : option["names"])  // the program's own options stand behind any verb
      patterns.push_back(name_of(node).empty() ? "*\" " + name.get<std::string>() + "\""
                                               : "\"" + name_of(node) + " " + name.get<std::string>() + "\"");
    const std::vector<std::string> choices = words_of(option["choices"]);
    std::string action = "return";  // -o default: file names
    if (!choices.empty())
      action = fmt::format("mapfile -t COMPREPLY < <(compgen -W \"{}\" -- \"$cur\"); return", fmt::join(choices, " "));
    else if (!takes_file(option))
      action = "compopt +o default 2>/dev/null; return";
    values += fmt::format("    {}) {} ;;\n", fmt::join(patterns, " | "), action);
  };
  for (std::size_t i = nodes.size();
       i-- > 0;) {  // the program's own last: a verb's option of the same name goes before
    for (const Json& option : nodes[i]["options"]) value_case(nodes[i], option);
  }
  for (const Json& node : nodes) {
    std::vector<std::string> options;
    for (const Json* list : {&node["options"], &tree["options"]}) {  // the program's own too
      for (const Json& option : *list) {
        for (const std::string& name : words_of(option["names"])) {
          if (std::ranges::find(options, name) == options.end()) options.push_back(name);
        }
      }
    }
    words += fmt::format("    \"{}\") words=\"{}\" options=\"{}\" ;;\n", name_of(node),
                         fmt::join(words_behind(node), " "), fmt::join(options, " "));
  }
  return fmt::format(
      R"(# Completion of latentledger for bash: made by `latentledger completion bash`.
_latentledger() {{
  local cur=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} verb= words= options= i
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "${{COMP_WORDS[i - 1]}}" in
      {}) continue ;;
    esac
    case "$verb ${{COMP_WORDS[i]}}" in
      {}) verb="${{verb:+$verb }}${{COMP_WORDS[i]}}" ;;
    esac
  done
  case "$verb $previous" in
{}  esac
  case "$verb" in
{}  esac
  if [[ $cur == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
  elif [ -n "$words" ]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}}
complete -o default -F _latentledger latentledger
)",
      quoted(global_values(tree), " | "), quoted(steps_of(nodes), " | "), values, words);
}

std::string zsh_completion(const Json& tree) {
  const std::vector<Json> nodes = flat(tree);
  std::string cases;
  for (const Json& node : nodes) {
    const std::string globals = name_of(node).empty() ? "" : zsh_options(tree["options"]);
    std::string body = zsh_options(node["options"]) + globals;
    if (!node["verbs"].empty()) {
      std::string verbs;
      for (const Json& verb : node["verbs"])
        verbs += " " + single_quoted(last_word(name_of(verb)) + ":" + zsh_escaped(description_of(verb)));
      body = fmt::format(
          "      verbs=({})\n      _arguments -s{} '1:verb:->verb' && return\n"
          "      [[ $state == verb ]] && _describe verb verbs\n",
          verbs, body);
    } else {
      const std::string positional = words_behind(node).empty()
                                         ? std::string("*:file:_files")
                                         : fmt::format("1:value:({})", fmt::join(words_behind(node), " "));
      body = fmt::format("      _arguments -s{} {}\n", body, single_quoted(positional));
    }
    cases += fmt::format("    ({})\n{}      ;;\n", single_quoted(name_of(node)), body);
  }
  return fmt::format(
      R"(#compdef latentledger
# Completion of latentledger for zsh: made by `latentledger completion zsh`.
_latentledger() {{
  local verb= i last=1 state line
  local -a verbs
  for ((i = 2; i < CURRENT; ++i)); do
    case "${{words[i - 1]}}" in
      ({}) continue ;;
    esac
    case "$verb ${{words[i]}}" in
      ({}) verb="${{verb:+$verb }}${{words[i]}}"; last=$i ;;
    esac
  done
  shift $((last - 1)) words
  ((CURRENT -= last - 1))
  case "$verb" in
{}  esac
}}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _latentledger "$@"; else compdef _latentledger latentledger; fi
)",
      quoted(global_values(tree), " | "), quoted(steps_of(nodes), " | "), cases);
}

std::string fish_completion(const Json& tree) {
  const std::vector<Json> nodes = flat(tree);
  std::string lines;
  for (const Json& node : nodes) {
    const std::string here =
        name_of(node).empty() ? std::string()
                              : " -n " + fish_quoted(fmt::format("__latentledger_at {}", fish_quoted(name_of(node))));
    for (const Json& option : node["options"]) {
      lines += "complete -c latentledger" + here;
      for (const std::string& name : words_of(option["names"]))
        lines += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      const std::vector<std::string> choices = words_of(option["choices"]);
      if (!choices.empty()) {
        lines += " -x -a " + fish_quoted(fmt::format("{}", fmt::join(choices, " ")));
      } else if (takes_value(option)) {
        lines += takes_file(option) ? " -r -F" : " -x";
      }
      lines += " -d " + fish_quoted(description_of(option)) + "\n";
    }
    const std::string at = " -n " + fish_quoted(fmt::format("__latentledger_at {}", fish_quoted(name_of(node))));
    for (const Json& verb : node["verbs"])
      lines += fmt::format("complete -c latentledger{} -f -a {} -d {}\n", at, fish_quoted(last_word(name_of(verb))),
                           fish_quoted(description_of(verb)));
    if (node["verbs"].empty() && !words_behind(node).empty())
      lines += fmt::format("complete -c latentledger{} -f -a {}\n", at,
                           fish_quoted(fmt::format("{}", fmt::join(words_behind(node), " "))));
  }
  return fmt::format(
      R"(# Completion of latentledger for fish: made by `latentledger completion fish`.
function __latentledger_at --description 'Whether the line so far is at this verb'
  set -l verb ''
  set -l before ''
  set -l tokens (commandline -opc)
  for token in $tokens[2..-1]
    if not contains -- "$before" {}
      switch "$verb $token"
        case {}
          set verb (string trim -- "$verb $token")
      end
    end
    set before $token
  end
  test "$verb" = "$argv[1]"
end
{})",
      fmt::join(global_values(tree), " "), quoted(steps_of(nodes), " "), lines);
}

}  // namespace ll::cli
