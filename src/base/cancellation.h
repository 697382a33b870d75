// Ctrl-C. The first SIGINT or SIGTERM asks long work to stop: it ends at its next throwIfInterrupted(), so that
// destructors remove temporary files. Another one, half a second later or more, ends the process at once (temporary
// files are still unlinked, but not the folder of a data set in the making).
#pragma once

#include <string>

namespace ocrdet {

// Call once, in main.
void installInterruptHandler();

// True after the first signal. Cheap: call it in inner loops of long work.
bool interrupted();

// Throws Error run.interrupted after the first signal.
void throwIfInterrupted();

// Sets or clears the flag as a signal would; for jobs that are cancelled from inside, and for tests.
void setInterrupted(bool value);

// Paths that the second signal must unlink before the process ends; folders last, they must be empty by then. At most
// 64 at a time, longer than 4095 bytes ignored.
void registerTemporaryFile(const std::string& path);
void forgetTemporaryFile(const std::string& path);

}  // namespace ocrdet
