// The machine of the measurements, for the head of the report.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace dcs::bench {

// Processor, memory, kernel, huge pages, load: name and value, in display order.
std::vector<std::pair<std::string, std::string>> MachineFacts();

// How this program was compiled.
std::string BuildFact();

}  // namespace dcs::bench
