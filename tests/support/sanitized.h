// Whether the tests run under a sanitizer, whose shadow memory hides what a program itself takes.
#pragma once

namespace ocrdet::test {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kSanitized = true;
#else
inline constexpr bool kSanitized = false;
#endif

}  // namespace ocrdet::test
