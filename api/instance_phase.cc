#include "api/instance_phase.h"

#include <cstddef>

namespace dcs::api {
namespace {

constexpr std::string_view kNames[] = {"CREATING", "CREATEFAILED", "RUNNING", "RESTARTING",
                                       "FLUSHING", "DELETING",     "ERROR"};

}  // namespace

std::string_view ToString(InstancePhase phase) { return kNames[static_cast<size_t>(phase)]; }

}  // namespace dcs::api
