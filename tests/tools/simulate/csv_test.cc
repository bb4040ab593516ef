#include "tools/simulate/csv.h"

#include <gtest/gtest.h>

namespace dcs::simulate {
namespace {

std::string Cell(std::string_view text) {
  Csv csv;
  csv.Text(text);
  return csv.text();
}

std::string Cell(double number) {
  Csv csv;
  csv.Number(number);
  return csv.text();
}

TEST(CsvTest, EndsRowsWithCrLf) {
  Csv csv;
  csv.Text("a");
  csv.Empty();
  csv.Whole(18446744073709551615u);
  csv.EndRow();
  csv.Empty();
  csv.Number(std::nullopt);
  csv.Milliseconds(90'000'007);
  csv.EndRow();
  EXPECT_EQ(csv.text(), "a,,18446744073709551615\r\n,,90000.007\r\n");
}

TEST(CsvTest, QuotesSeparatorsQuotesAndLineEnds) {
  EXPECT_EQ(Cell("two words"), "two words");
  EXPECT_EQ(Cell("a,b"), "\"a,b\"");
  EXPECT_EQ(Cell("say \"no\""), "\"say \"\"no\"\"\"");
  EXPECT_EQ(Cell("a\nb"), "\"a\nb\"");
}

TEST(CsvTest, DisarmsFormulas) {
  EXPECT_EQ(Cell("=1+1"), "'=1+1");
  EXPECT_EQ(Cell("+1"), "'+1");
  EXPECT_EQ(Cell("-1"), "'-1");
  EXPECT_EQ(Cell("@SUM(A1)"), "'@SUM(A1)");
  EXPECT_EQ(Cell("=HYPERLINK(\"x\",1)"), "\"'=HYPERLINK(\"\"x\"\",1)\"");
  EXPECT_EQ(Cell("1=1"), "1=1");
}

TEST(CsvTest, WritesNumbersWithSixDigitsAndNoExponent) {
  EXPECT_EQ(Cell(0.0), "0");
  EXPECT_EQ(Cell(0.000123456789), "0.000123457");
  EXPECT_EQ(Cell(817123456.0), "817123000");
  EXPECT_EQ(Cell(-1.5), "-1.5");
  EXPECT_EQ(Cell(1e20), "100000000000000000000");
}

}  // namespace
}  // namespace dcs::simulate
