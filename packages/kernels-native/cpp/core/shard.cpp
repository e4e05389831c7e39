#include "shard.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "error.hpp"

namespace lockstep {

Shard::Shard(const Fields& fields) : fields_(fields) {
  const int fd = open(fields.path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail("data.unreadable", "cannot open shard " + fields.path + ": " + std::strerror(errno));
  struct stat info {};
  if (fstat(fd, &info) != 0 || !S_ISREG(info.st_mode)) {
    close(fd);
    fail("data.unreadable", "shard " + fields.path + " is not a regular file");
  }
  length_ = uint64_t(info.st_size);
  auto inside = [&](uint64_t offset, uint64_t count, uint64_t bytes) {
    return bytes > 0 && offset <= length_ && count <= (length_ - offset) / bytes;
  };
  const bool sane = fields.count > 0 && fields.sampleElements > 0 && fields.sampleElements <= (uint64_t(1) << 40) &&
                    fields.labelsOffset % 4 == 0 && (!fields.float32 || fields.samplesOffset % 4 == 0) &&
                    inside(fields.samplesOffset, fields.count, sampleBytes()) && inside(fields.labelsOffset, fields.count, 4);
  if (!sane) {
    close(fd);
    fail("data.corrupt", "shard " + fields.path + " is shorter than its header says; remove it, so that it is prepared again");
  }
  void* p = mmap(nullptr, length_, PROT_READ, MAP_SHARED, fd, 0);
  close(fd);
  if (p == MAP_FAILED) fail("data.unreadable", "cannot map shard " + fields.path + ": " + std::strerror(errno));
  base_ = static_cast<const uint8_t*>(p);
  madvise(p, length_, MADV_WILLNEED);
}

Shard::~Shard() {
  if (base_) munmap(const_cast<uint8_t*>(base_), length_);
}

int32_t Shard::label(uint64_t index) const {
  int32_t value;
  std::memcpy(&value, base_ + fields_.labelsOffset + index * 4, 4);
  return value;
}

}  // namespace lockstep
