#pragma once
#include <cstddef>
#include <cstdint>
#include <string>

namespace lockstep {

struct Conv {
  int samples, blocks, C, H, W, O, KH, KW;  // samples side by side, blocks of them
  int OH() const { return H - KH + 1; }
  int OW() const { return W - KW + 1; }
};
struct Pool {
  int samples, planes, H, W, KH, KW;  // planes: blocks x channels
};

// Our own kernels. Counts are in values; pointers may alias where a name says "in place". Every function gives the same
// bits under every ISA.
struct KernelTable {
  void (*add)(const float* a, const float* b, float* out, size_t count);
  void (*relu)(const float* x, float* y, size_t count);
  void (*reluGrad)(const float* y, const float* dy, float* dx, size_t count);
  void (*tanh)(const float* x, float* y, size_t count);
  void (*tanhGrad)(const float* y, const float* dy, float* dx, size_t count);
  void (*sigmoid)(const float* x, float* y, size_t count);
  void (*sigmoidGrad)(const float* y, const float* dy, float* dx, size_t count);
  // Rows of `classes` values.
  void (*logSoftmax)(const float* x, float* y, size_t rows, size_t classes);
  void (*logSoftmaxGrad)(const float* y, const float* dy, float* dx, size_t rows, size_t classes);
  // dx = (exp(y) - onehot(label)) * scale
  void (*logSoftmaxNllGrad)(const float* y, const int32_t* label, float scale, float* dx, size_t rows, size_t classes);
  // out = (x * scale) + shift, uint8 or float32 in
  void (*normaliseBytes)(const uint8_t* x, float scale, float shift, float* out, size_t count);
  void (*normaliseFloats)(const float* x, float scale, float shift, float* out, size_t count);
  // v = momentum v + (g + decay w); w = w - rate v. Returns whether every new w is finite.
  bool (*sgd)(float* w, float* v, const float* g, size_t count, float rate, float momentum, float decay);
  bool (*sgdPlain)(float* w, const float* g, size_t count, float rate, float decay);
  // m = beta1 m + (1 - beta1) g; v = beta2 v + ((1 - beta2) g) g; w = w - (step m) / (sqrt(v) / rootCorrection + epsilon)
  bool (*adam)(float* w, float* m, float* v, const float* g, size_t count, float step, float beta1, float beta2, float oneMinusBeta1,
               float oneMinusBeta2, float rootCorrection, float epsilon, float decay);
  bool (*allFinite)(const float* x, size_t count);
  // Samples side by side: x [blocks, C, H, W, samples], weight [O, C, KH, KW], stride 1, no padding. See side-by-side.inc.
  void (*convForward)(const float* x, const float* w, const float* bias, float* y, const Conv& shape);
  void (*convGradData)(const float* dy, const float* w, float* dx, float* scratch, const Conv& shape);
  void (*convGradWeights)(const float* x, const float* dy, float* dw, float* dbias, const Conv& shape);
  // Windows side by side, first maximum wins; `index` holds its number in the window as a float.
  void (*maxPool)(const float* x, float* y, float* index, const Pool& shape);
  void (*maxPoolGrad)(const float* dy, const float* index, float* dx, const Pool& shape);
};

const KernelTable& kernelsFor(const std::string& isa);

namespace isa_avx512 {
extern const KernelTable table;
}
namespace isa_avx2 {
extern const KernelTable table;
}

}  // namespace lockstep
