#pragma once
#include <cstdint>
#include <string>

namespace lockstep {

// A read-only memory map of a shard of fixed-size samples and int32 labels. Offsets and lengths come from the shard's
// header, which TypeScript parsed; they are checked against the file again here.
class Shard {
 public:
  struct Fields {
    std::string path;
    uint64_t count = 0, sampleElements = 0, samplesOffset = 0, labelsOffset = 0;
    bool float32 = false;
  };
  explicit Shard(const Fields& fields);
  ~Shard();
  Shard(const Shard&) = delete;
  Shard& operator=(const Shard&) = delete;

  uint64_t count() const { return fields_.count; }
  bool float32() const { return fields_.float32; }
  uint64_t sampleBytes() const { return fields_.sampleElements * (fields_.float32 ? 4 : 1); }
  const uint8_t* sample(uint64_t index) const { return base_ + fields_.samplesOffset + index * sampleBytes(); }
  int32_t label(uint64_t index) const;
  const std::string& path() const { return fields_.path; }

 private:
  Fields fields_;
  const uint8_t* base_ = nullptr;
  uint64_t length_ = 0;
};

}  // namespace lockstep
