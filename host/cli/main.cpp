#include "host/cli/program.hpp"

int main(int argc, char** argv) {
  return nextbest::run_program({argv + 1, argv + argc});
}
