#pragma once
#include <string_view>

namespace ll::demo {

/// What report.html is made of; the definitions are written by tools/report_assets.py when the project is built.
extern const std::string_view kReportPage;    ///< demo/report/page.html
extern const std::string_view kReportStyle;   ///< demo/report/report.css
extern const std::string_view kReportScript;  ///< demo/report/report.js
extern const std::string_view kD3;            ///< d3.min.js
extern const std::string_view kPeerFigures;   ///< JSON: what docs/benchmarks has beside a peer

}  // namespace ll::demo
