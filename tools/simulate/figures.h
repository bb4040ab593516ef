// Formats the figures of reports for people: bytes, shares, durations and counts.
//
// A nonzero figure never prints as zero: it gets more digits, or "<0.01 B". A figure that is
// infinite or not a number prints as "-".
//
// Thread safety: free functions.
#pragma once

#include <string>

namespace dcs::simulate {

// "0 B", "0.3 B", "12.3 MiB".
std::string BytesText(double bytes);
// A share of 1 as a percentage: "0 %", "<0.0001 %", "0.034 %", "7.1 %". A share below 1 never
// prints as "100.0 %".
std::string ShareText(double share);
// A relative difference with its sign: "+5.0 %", "-0.03 %".
std::string DifferenceText(double difference);
// Three digits in a fitting unit: "8.3 us", "25 ms", "75 s", "12.5 min", "6 h".
std::string DurationText(double seconds);
// Minutes with two decimals, the unit of the service's documents: "125.00 min"; below one minute
// like DurationText.
std::string MinutesText(double seconds);
// "0.42", "7", "3,600".
std::string CountText(double count);

}  // namespace dcs::simulate
