#include "waybill/telemetry/sha256.h"

#include <gtest/gtest.h>

#include <string>

#include "waybill/context/hex.h"

namespace waybill::telemetry {
namespace {

std::string hex_of(std::string_view text) {
  const auto hash = sha256(text);
  std::string digits(64, '0');
  context::to_hex(hash.data(), hash.size(), digits.data());
  return digits;
}

TEST(Sha256Test, IsThatOfTheStandard) {
  EXPECT_EQ(hex_of(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(hex_of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hex_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(hex_of(std::string{"\0\xff", 2}),
            "06eb7d6a69ee19e5fbdf749018d3d2abfa04bcbd1365db312eb86dc7169389b8");
}

TEST(Sha256Test, ClosesTextsOfEveryLengthAtTheBorderOfABlock) {
  const std::pair<std::size_t, const char*> hashes[] = {
      {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
      {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
      {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
      {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
      {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
      {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
      {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
      {1024, "2edc986847e209b4016e141a6dc8716d3207350f416969382d431539bf292e4a"},
  };
  for (const auto& [length, hash] : hashes) EXPECT_EQ(hex_of(std::string(length, 'a')), hash) << length;
}

}  // namespace
}  // namespace waybill::telemetry
