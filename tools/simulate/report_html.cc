#include "tools/simulate/report_html.h"

#include <cassert>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tools/simulate/report_json.h"
#include "tools/simulate/report_page.h"

namespace dcs::simulate {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

// JSON without any "<", so that no text of a report can close its element or open a comment. In
// JSON a "<" occurs only in strings, where \u003c means the same.
std::string EmbeddedJson(const Report& report) {
  std::string text;
  for (const char c : ToJson(report).dump()) {
    if (c == '<') {
      text += "\\u003c";
    } else {
      text += c;
    }
  }
  return text;
}

}  // namespace

// The template names its parts: {{report.css}}. Inserted text is not searched again, because the
// report's texts may hold braces.
std::string ToHtml(const Report& report) {
  std::string html;
  std::string_view rest = PagePart("report.html");
  for (size_t open = rest.find(kOpen); open != rest.npos; open = rest.find(kOpen)) {
    const size_t name = open + kOpen.size();
    const size_t close = rest.find(kClose, name);
    assert(close != rest.npos);
    html += rest.substr(0, open);
    const std::string_view part = rest.substr(name, close - name);
    if (part == "report.json") {
      html += EmbeddedJson(report);
    } else {
      html += PagePart(part);
    }
    rest.remove_prefix(close + kClose.size());
  }
  html += rest;
  return html;
}

}  // namespace dcs::simulate
