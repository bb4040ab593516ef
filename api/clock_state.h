// What to remember of a clock over the end of the program: plain data.
#pragma once

#include "store/time/clock.h"

namespace dcs::api {

struct ClockState {
  bool is_virtual = false;  // false: the system's
  store::TimeMs now = 0;
  // Of a virtual clock: what it showed first, where a reset sets it back to, and how many
  // milliseconds pass in a real one.
  store::TimeMs start = 0;
  double rate = 0;
};

}  // namespace dcs::api
