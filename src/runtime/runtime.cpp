#include "runtime/runtime.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <optional>

#include "ocrdet/error.h"
#include "runtime/onnxruntime_api.h"

namespace ocrdet {
namespace {

namespace fs = std::filesystem;

// The oldest interface that has all we call (provider options, custom metadata, run options): ONNX Runtime 1.17. Asking
// for a low one lets distribution builds and vendors' GPU builds work unchanged.
constexpr int kApiVersion = 17;
constexpr const char* kHowToGetIt =
    "Run scripts/fetch-onnxruntime.sh, or set ONNXRUNTIME_ROOT (or --onnxruntime) to the unpacked folder of an ONNX "
    "Runtime release.";

struct LoadedRuntime {
  RuntimeInfo info;
  Ort::Env environment{nullptr};
};

// Library files in `folder`: the plain name first, then versioned names, the highest last name first.
std::vector<fs::path> librariesIn(const fs::path& folder) {
  std::vector<fs::path> versioned;
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(folder, failure)) {
    if (entry.path().filename().string().starts_with("libonnxruntime.so")) versioned.push_back(entry.path());
  }
  std::sort(versioned.begin(), versioned.end(), std::greater<>());
  const auto plain = std::find(versioned.begin(), versioned.end(), folder / "libonnxruntime.so");
  if (plain != versioned.end()) std::rotate(versioned.begin(), plain, plain + 1);
  return versioned;
}

// Around the running program, and around libocrdet.so when this code runs in somebody else's. OCRDET_RUNTIME_FOLDER and
// `ocrdet` are where an installation keeps it (cmake/install.cmake).
std::vector<fs::path> usualFolders() {
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure).parent_path();
  const fs::path prefix = program.parent_path();
  std::vector<fs::path> folders{program, prefix / "lib", prefix / OCRDET_RUNTIME_FOLDER};
  Dl_info here{};
  if (dladdr(reinterpret_cast<const void*>(&usualFolders), &here) == 0) return folders;
  const fs::path library = fs::canonical(here.dli_fname, failure).parent_path();
  if (!failure && library != program) folders.insert(folders.end(), {library, library / "ocrdet"});
  return folders;
}

// One step of the search: where, whether somebody named it on purpose, and the library found there.
struct Place {
  std::string description;
  bool named = false;
  std::optional<fs::path> library;
};

Place lookAt(const fs::path& path, std::string description, bool named) {
  Place place{std::move(description), named, std::nullopt};
  std::error_code failure;
  if (fs::is_regular_file(path, failure)) {
    place.library = path;
    return place;
  }
  for (const fs::path& folder : {path, path / "lib"}) {
    const std::vector<fs::path> found = librariesIn(folder);
    if (found.empty()) continue;
    place.library = found.front();
    break;
  }
  return place;
}

std::vector<Place> placesToLook(const fs::path& wanted) {
  std::vector<Place> places;
  if (!wanted.empty()) {
    places.push_back(lookAt(wanted, wanted.string(), true));
    return places;
  }
  if (const char* root = std::getenv("ONNXRUNTIME_ROOT"); root != nullptr && *root != '\0') {
    places.push_back(lookAt(root, fmt::format("ONNXRUNTIME_ROOT ({})", root), true));
    return places;
  }
  for (const fs::path& folder : usualFolders()) places.push_back(lookAt(folder, folder.string(), false));
  return places;
}

[[noreturn]] void failMissing(const std::vector<Place>& places, const std::string& cause) {
  std::string looked;
  for (const Place& place : places) looked += (looked.empty() ? "" : ", ") + place.description;
  const bool named = !places.empty() && places.front().named;
  if (!named) looked += ", the system's library path";
  throw Error(Problem{&codes::kRuntimeMissing,
                      fmt::format("ONNX Runtime (libonnxruntime.so) is not there; looked at: {}.", looked),
                      kHowToGetIt,
                      {{"looked_at", looked}},
                      cause});
}

[[noreturn]] void failUnusable(const std::string& path, const std::string& why, const std::string& cause) {
  throw Error(Problem{&codes::kRuntimeUnusable,
                      fmt::format("{} cannot be used as ONNX Runtime: {}.", path, why),
                      fmt::format("Version 1.{} or newer for this processor is needed. {}", kApiVersion, kHowToGetIt),
                      {{"path", path}},
                      cause});
}

// The loader's last words; it may have none, or have said them already.
std::string loaderMessage() {
  const char* message = dlerror();
  return message == nullptr ? "" : message;
}

// The library's handle; it stays open until the process ends, because sessions may live in other threads until then.
void* openLibrary(const fs::path& wanted) {
  const std::vector<Place> places = placesToLook(wanted);
  for (const Place& place : places) {
    if (!place.library) continue;
    void* handle = dlopen(place.library->c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) failUnusable(place.library->string(), "it does not load", loaderMessage());
    return handle;
  }
  if (!places.empty() && places.front().named) failMissing(places, {});
  for (const char* name : {"libonnxruntime.so", "libonnxruntime.so.1"}) {
    if (void* handle = dlopen(name, RTLD_NOW | RTLD_LOCAL)) return handle;
  }
  failMissing(places, loaderMessage());
}

// From 1.29 on the library would report what it runs to its maker, over the network, from threads of its own. A user of
// ocrdet never asked for that; who wants it sets the variable to 0.
void keepReportsHome() {
  constexpr int kKeepWhatIsSet = 0;
  setenv("ORT_DISABLE_TELEMETRY", "1", kKeepWhatIsSet);
}

LoadedRuntime load(const fs::path& wanted) {
  keepReportsHome();
  void* handle = openLibrary(wanted);
  void* entry = dlsym(handle, "OrtGetApiBase");
  Dl_info where{};
  RuntimeInfo info;
  if (entry == nullptr || dladdr(entry, &where) == 0) {
    failUnusable(wanted.empty() ? "libonnxruntime.so" : wanted.string(), "it has no function OrtGetApiBase",
                 loaderMessage());
  }
  std::error_code failure;
  info.path = fs::canonical(where.dli_fname, failure);
  if (failure) info.path = where.dli_fname;

  const OrtApiBase* base = reinterpret_cast<const OrtApiBase* (*)()>(entry)();
  info.version = base->GetVersionString();
  const OrtApi* api = base->GetApi(kApiVersion);
  if (api == nullptr) {
    failUnusable(info.path.string(), fmt::format("version {} is too old", info.version), {});
  }
  Ort::InitApi(api);
  info.providers = Ort::GetAvailableProviders();
  // Not before: the destructor of its environment calls the API, also while an error of this function is on its way.
  LoadedRuntime runtime;
  runtime.info = std::move(info);
  runtime.environment = Ort::Env(ORT_LOGGING_LEVEL_FATAL, "ocrdet");
  return runtime;
}

// Never destroyed: ONNX Runtime's own threads may still run while static objects are torn down.
const LoadedRuntime& loaded(const fs::path& wanted) {
  static std::mutex mutex;
  static const LoadedRuntime* runtime = nullptr;
  const std::lock_guard lock(mutex);
  if (runtime == nullptr) {
    runtime = new LoadedRuntime(load(wanted));
    return *runtime;
  }
  if (!wanted.empty()) {
    const Place place = lookAt(wanted, wanted.string(), true);
    if (!place.library) failMissing({place}, {});
    std::error_code failure;
    if (fs::canonical(*place.library, failure) != runtime->info.path) {
      failUnusable(wanted.string(), fmt::format("this process has loaded {} already", runtime->info.path.string()), {});
    }
  }
  return *runtime;
}

}  // namespace

RuntimeInfo loadRuntime(const std::filesystem::path& wanted) {
  return loaded(wanted).info;
}

const Ort::Env& runtimeEnvironment(const std::filesystem::path& wanted) {
  return loaded(wanted).environment;
}

}  // namespace ocrdet
