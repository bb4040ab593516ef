#include "api/instance_status.h"

#include <cstddef>

namespace dcs::api {
namespace {

constexpr std::string_view kNames[] = {"CREATING", "CREATEFAILED", "RUNNING", "RESTARTING",
                                       "FLUSHING", "DELETING",     "ERROR"};

}  // namespace

std::string_view ToString(InstanceStatus status) { return kNames[static_cast<size_t>(status)]; }

}  // namespace dcs::api
