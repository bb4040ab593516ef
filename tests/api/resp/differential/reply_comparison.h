// When two servers have given the same answer.
#pragma once

#include <string>
#include <vector>

namespace dcs::resp {

// Whether both replies, raw as they were sent, say the same in answer to `line`: byte for byte,
// except for times, which may be a little apart, for what comes in no order, and for what is each
// server's own business.
bool SameReply(const std::vector<std::string>& line, const std::string& ours,
               const std::string& theirs);

}  // namespace dcs::resp
