#pragma once
#include <stdexcept>
#include <string>

namespace lockstep {

// Errors cross the N-API edge by `code`; TypeScript turns the code into a class (engine/src/backend/native-error.ts).
class NativeError : public std::runtime_error {
 public:
  NativeError(std::string code, const std::string& message) : std::runtime_error(message), code_(std::move(code)) {}
  const std::string& code() const { return code_; }

 private:
  std::string code_;
};

[[noreturn]] inline void fail(const std::string& code, const std::string& message) { throw NativeError(code, message); }

}  // namespace lockstep
