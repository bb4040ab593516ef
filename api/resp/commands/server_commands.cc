// The node as a whole.
#include "api/resp/commands/arguments.h"
#include "api/resp/commands/commands.h"

namespace dcs::resp::commands {

// As in Redis, expired keys count until something has released them.
void DbSize(Context& c) { c.reply.Integer(static_cast<int64_t>(c.keyspace().size())); }

// FLUSHALL and FLUSHDB: a node has one database.
void Flush(Context& c) {
  store::FreeMode mode;
  if (!ReadFlushMode(c, mode)) return;
  c.keyspace().Clear(mode);
  c.reply.Ok();
}

// Seconds and microseconds; the clock itself counts milliseconds.
void Time(Context& c) {
  c.reply.Array(2);
  c.reply.BulkInteger(c.now / 1000);
  c.reply.BulkInteger(c.now % 1000 * 1000);
}

}  // namespace dcs::resp::commands
