#!/bin/sh
# Install Debian's packages of the servers that are missing, without letting one start a service of the system's;
# with `for-tests`, those of the browser and of the clients that the tests use, too.
set -eu
PURPOSE=${1:-}

POLICY=/usr/sbin/policy-rc.d # what Debian's packages ask before they start a service
KEPT=$POLICY.kept-by-storky
MARK="# storky's set-up: no service starts while packages are installed"

has_rabbitmq() {
    [ -n "${STORKY_AMQP_URLS:-}" ] || ls /usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server >/dev/null 2>&1
}

has_redis() {
    command -v redis-server >/dev/null && command -v redis-cli >/dev/null && command -v redis-check-rdb >/dev/null
}

has_chromium() {
    [ "$PURPOSE" != for-tests ] || [ -n "${STORKY_CHROMIUM:-}" ] || command -v chromium >/dev/null
}

has_clients() {
    [ "$PURPOSE" != for-tests ] || { command -v amqp-consume >/dev/null && command -v jq >/dev/null; }
}

missing() {
    has_rabbitmq || echo rabbitmq-server
    has_redis || echo redis-server
    has_chromium || echo chromium
    has_clients || echo amqp-tools jq
}

as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

put_policy_back() {
    if [ -f $POLICY ] && grep -qxF "$MARK" $POLICY; then as_root rm $POLICY; fi
    if [ -e $KEPT ] || [ -L $KEPT ]; then as_root mv $KEPT $POLICY; fi
}

forbid_services() {
    put_policy_back # what a set-up that was killed has left
    if [ -e $POLICY ] || [ -L $POLICY ]; then as_root mv $POLICY $KEPT; fi
    printf '#!/bin/sh\n%s\nexit 101\n' "$MARK" | as_root tee $POLICY >/dev/null
    as_root chmod 755 $POLICY
}

install_packages() {
    as_root apt-get -qq update >/dev/null && as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get -qq install --no-install-recommends "$@" >/dev/null
}

if [ -z "$(missing)" ]; then exit 0; fi

if command -v apt-get >/dev/null && as_root true 2>/dev/null; then
    echo "setup: installing Debian's" $(missing)
    trap put_policy_back EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    forbid_services
    install_packages $(missing) || true
fi
has_redis || {
    echo "setup: Redis is missing: type 'apt-get install redis-server' as root." >&2
    failed=1
}
has_rabbitmq || {
    echo "setup: RabbitMQ is missing: type 'apt-get install rabbitmq-server' as root," >&2
    echo "setup: or set STORKY_AMQP_URLS and STORKY_AMQP_MANAGEMENT_URL to a broker's addresses." >&2
    failed=1
}
has_chromium || {
    echo "setup: Chromium, in which the console is tested, is missing: type 'apt-get install chromium' as root," >&2
    echo "setup: or set STORKY_CHROMIUM to a program that is one." >&2
    failed=1
}
has_clients || {
    echo "setup: What an example is run with is missing: type 'apt-get install amqp-tools jq' as root." >&2
    failed=1
}
exit "${failed:-0}"
