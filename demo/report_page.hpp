#pragma once
#include <filesystem>
#include <string>

#include "cli/session.hpp"

namespace ll::demo {

/// report.html: one run as one page without anything outside it (docs/cli.md). `report` is the content of report.json,
/// its "charts" included; the page carries it whole and reads every number from there.
std::string report_page(const cli::Json& report);

/// Shows a page in the user's browser, where there is a desktop to show it on. False where there is none.
bool open_in_browser(const std::filesystem::path& page);

}  // namespace ll::demo
