// Writes the bundled demo data: make_demo_data demo/data/synthetic_transactions.csv.gz
// synthetic_csv_test.cpp holds that the file's text is what this program makes.
#include <cstdio>

#include <zlib.h>

#include "base/files.hpp"
#include "ledger/synthetic_csv.hpp"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("make_demo_data FILE.csv.gz\n", stderr);
    return 2;
  }
  try {
    const std::string text = ll::ledger::synthetic_transactions_csv();
    ll::PendingFile pending(argv[1]);
    gzFile file = gzopen(pending.path().c_str(), "wb9");  // no name and no time in the header
    const bool written = file != nullptr && gzwrite(file, text.data(), static_cast<unsigned>(text.size())) ==
                                                static_cast<int>(text.size());
    if (file == nullptr || gzclose(file) != Z_OK || !written) {
      ll::fail(ll::ErrorCode::io, "{}: cannot write", argv[1]);
    }
    pending.commit();
    return 0;
  } catch (const ll::Error& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
