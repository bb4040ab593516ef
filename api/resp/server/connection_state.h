// What a connection does now.
//
//                        +-----------------------------------------+
//                        v                                         |
//   kReading --read--> kExecuting --input used up--> kReading      |
//                        |--enough replies made----> kFull      ---+ the client has taken some
//                        |--turn used up-----------> kYielded   ---+ the posted turn comes
//                        |--the node is held-------> kHeld      ---+ the last hold ends
//                        |--DEBUG SLEEP------------> kSleeping  ---+ the timer ends
//                        |--no reply yet-----------> kBlocked   ---+ woken, or the timeout ends
//                        |--QUIT, protocol error---> kDraining --all written--> kClosed
//
//   kReading, end of input -> kDraining      kBlocked, end of input -> kClosed
//   any state, error, CLIENT KILL, output limit, server stop -> kClosed
//
// Only the event named at its arrow leaves a state. Every event also writes output and takes
// deliveries, except in kSleeping and kClosed. kDraining writes output and drops deliveries.
// Whether a read or a write wait is outstanding is not a state: both may be outstanding in several
// states.
#pragma once

#include <cstdint>

namespace dcs::resp {

enum class ConnectionState : uint8_t {
  kReading,    // no whole command waits; a read is outstanding
  kExecuting,  // a thread executes its commands, under the connection's mutex
  kFull,       // as many replies wait as may; executes nothing
  kYielded,    // other connections of its thread are served first
  kHeld,       // another client's DEBUG SLEEP holds the node
  kSleeping,   // its own DEBUG SLEEP holds the node; it neither reads nor writes
  kBlocked,    // a command has no reply yet (blocked_command.h); reads, and executes nothing
  kDraining,   // executes nothing more; closes once all output is written
  kClosed,
};

}  // namespace dcs::resp
