# Sourced: `stage NAME COMMAND…` runs a step and says how long it took.
stage() {
    local name=$1 began=$SECONDS status=0
    shift
    printf '\n=== %s\n' "$name"
    "$@" || status=$?
    printf '=== %s: %s after %d s\n' "$name" "$([ $status = 0 ] && echo done || echo "failed ($status)")" $((SECONDS - began))
    return $status
}
