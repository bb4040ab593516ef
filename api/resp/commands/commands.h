// The functions behind the rows of command_table.cc, by the file that defines them.
//
// Each appends exactly one reply. The number of arguments has been checked against the row's arity.
#pragma once

#include "api/resp/commands/context.h"

namespace dcs::resp::commands {

// client_commands.cc
void ClientGetName(Context& c);
void ClientGetRedir(Context& c);
void ClientHelp(Context& c);
void ClientId(Context& c);
void ClientInfo(Context& c);
void ClientKill(Context& c);
void ClientList(Context& c);
void ClientNoEvict(Context& c);
void ClientNoTouch(Context& c);
void ClientReply(Context& c);
void ClientSetInfo(Context& c);
void ClientSetName(Context& c);
void ClientTracking(Context& c);
void ClientTrackingInfo(Context& c);

// command_commands.cc
void CommandAll(Context& c);
void CommandCount(Context& c);
void CommandDocs(Context& c);
void CommandGetKeys(Context& c);
void CommandHelp(Context& c);
void CommandInfo(Context& c);
void CommandList(Context& c);

// config_commands.cc
void ConfigGet(Context& c);
void ConfigHelp(Context& c);
void ConfigResetStat(Context& c);
void ConfigSet(Context& c);

// connection_commands.cc
void Auth(Context& c);
void Echo(Context& c);
void Hello(Context& c);
void Ping(Context& c);
void Quit(Context& c);
void Reset(Context& c);
void Select(Context& c);

// counter_commands.cc
void Decr(Context& c);
void DecrBy(Context& c);
void Incr(Context& c);
void IncrBy(Context& c);
void IncrByFloat(Context& c);

// debug_commands.cc
void Debug(Context& c);

// expiry_commands.cc
void Expire(Context& c);
void ExpireAt(Context& c);
void ExpireTime(Context& c);
void PExpire(Context& c);
void PExpireAt(Context& c);
void PExpireTime(Context& c);
void PTtl(Context& c);
void Persist(Context& c);
void Ttl(Context& c);

// hash_commands.cc
void HDel(Context& c);
void HExists(Context& c);
void HGet(Context& c);
void HGetAll(Context& c);
void HIncrBy(Context& c);
void HIncrByFloat(Context& c);
void HKeys(Context& c);
void HLen(Context& c);
void HMGet(Context& c);
void HMSet(Context& c);
void HSet(Context& c);
void HSetNx(Context& c);
void HStrLen(Context& c);
void HVals(Context& c);

// info.cc
void Info(Context& c);

// key_commands.cc
void Del(Context& c);
void Exists(Context& c);
void RandomKey(Context& c);
void Rename(Context& c);
void RenameNx(Context& c);
void Touch(Context& c);
void Type(Context& c);
void Unlink(Context& c);

// object_commands.cc
void MemoryHelp(Context& c);
void MemoryUsage(Context& c);
void ObjectEncoding(Context& c);
void ObjectFreq(Context& c);
void ObjectHelp(Context& c);
void ObjectIdleTime(Context& c);
void ObjectRefCount(Context& c);

// scan_commands.cc
void HScan(Context& c);
void Keys(Context& c);
void Scan(Context& c);

// server_commands.cc
void DbSize(Context& c);
void Flush(Context& c);
void Time(Context& c);

// string_commands.cc
void Append(Context& c);
void Get(Context& c);
void GetDel(Context& c);
void GetEx(Context& c);
void GetRange(Context& c);
void GetSet(Context& c);
void MGet(Context& c);
void MSet(Context& c);
void MSetNx(Context& c);
void PSetEx(Context& c);
void Set(Context& c);
void SetEx(Context& c);
void SetNx(Context& c);
void SetRange(Context& c);
void StrLen(Context& c);

}  // namespace dcs::resp::commands
