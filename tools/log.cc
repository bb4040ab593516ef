#include "tools/log.h"

#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>
#include <memory>
#include <utility>

#include "absl/strings/str_split.h"
#include "api/printable.h"

namespace dcs::tools {
namespace {

constexpr size_t kLongestMessage = 4096;

// The message of a line.
class PrintableMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& line) override {
    const std::string text =
        api::Printable({message.payload.data(), message.payload.size()}, kLongestMessage);
    line.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PrintableMessage>();
  }
};

}  // namespace

void LogToStandardError(const std::string& level) {
  auto logger = spdlog::stderr_color_mt("dcs-sim");
  auto lines = std::make_unique<spdlog::pattern_formatter>();
  lines->add_flag<PrintableMessage>('*').set_pattern("[%Y-%m-%d %H:%M:%S.%e] [%n] [%^%l%$] %*");
  logger->set_formatter(std::move(lines));
  spdlog::set_default_logger(std::move(logger));
  spdlog::set_level(spdlog::level::from_str(level));
}

void PrintError(std::string_view message) {
  for (const absl::string_view line :
       absl::StrSplit(absl::string_view(message.data(), message.size()), '\n')) {
    std::fprintf(stderr, "%s\n",
                 api::Printable({line.data(), line.size()}, kLongestMessage).c_str());
  }
}

}  // namespace dcs::tools
