# Sourced by the scripts, from the repository root.

# build PRESET [-DOPTION=VALUE ...] [-- TARGET ...]: configures build/PRESET and builds it, quiet unless it fails.
build() {
  local preset=$1 options=() targets=() log seconds=$SECONDS
  shift
  while [ $# -gt 0 ]; do
    case $1 in
      --) shift; targets=(--target "$@"); break ;;
      *) options+=("$1"); shift ;;
    esac
  done
  mkdir -p build
  log=build/$preset.log
  if ! cmake --preset "$preset" "${options[@]}" >"$log" 2>&1; then
    cat "$log" >&2
    return 1
  fi
  # Ninja's own lines on a terminal say how far it is; elsewhere they are only noise.
  if [ -t 1 ]; then
    cmake --build "build/$preset" "${targets[@]}"
  else
    if ! cmake --build "build/$preset" "${targets[@]}" >"$log" 2>&1; then
      grep -vE '^\[[0-9]+/[0-9]+\] (Building|Linking|Generating)' "$log" >&2
      return 1
    fi
    ! grep -n 'warning:' "$log" || true
  fi
  echo "build/$preset is built ($((SECONDS - seconds)) s)"
}
