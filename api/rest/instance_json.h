// The JSON of instances. Unset members are null, as in the published examples.
//
// Source: the API pages of ListInstances, ShowInstance, CreateInstance and
// ListGroupReplicationInfo. Thread safety: one thread, the one that serves the API.
#pragma once

#include "absl/types/span.h"
#include "api/registry.h"
#include "api/rest/json.h"

namespace dcs::rest {

// One row of a list, and the details, which have more members.
Json InstanceRowJson(const api::Instance& instance);
Json InstanceDetailsJson(const api::Instance& instance);

// The answer of CreateInstance.
Json CreatedJson(absl::Span<const api::Instance* const> instances);

// Shards and their replicas: a shard per node. With master/standby each shard has a replica, which
// exists in this answer only.
Json GroupsJson(const api::Instance& instance);

}  // namespace dcs::rest
