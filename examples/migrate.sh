#!/bin/sh
# A platform that has an app moved, with generic command-line clients for AMQP: rabbitstew publishes, and sets the
# property user-id; amqp-consume (of amqp-tools) hears; jq writes and reads the messages.
#
#   AMQP_HOST=... AMQP_USER=billing AMQP_PASSWORD=... migrate.sh agora-fr1/my-app osc-fr1/my-app preflight
#
# creates a migration and runs the steps that are named, each when the one before has ended. These clients cannot hear
# replies (those go to the channel that published), so what became of a command is told by the events it led to, in the
# platform's queue. It exits with 1 if a command was rejected or a step failed.
set -eu

source=$1 destination=$2
shift 2
migration=${MIGRATION:-$(cat /proc/sys/kernel/random/uuid)}

# Files, for what stands in a command line can be read by everybody on this machine.
secrets=$(mktemp -d)
trap 'rm -r "$secrets"' EXIT
printf '%s\n' "$AMQP_PASSWORD" >"$secrets/password"
printf 'username:%s\npassword:%s\n' "$AMQP_USER" "$AMQP_PASSWORD" >"$secrets/login"

publish() { # NAME ID DATA
    jq -cn --arg type "storky.$1" --arg id "$2" --argjson data "$3" --arg source "$AMQP_USER" \
        '{specversion: "1.0", $id, $source, $type, time: (now | todate), $data}' |
        rabbitstew -H "$AMQP_HOST" -p "${AMQP_PORT:-5672}" -u "$AMQP_USER" -f "$secrets/password" \
            -e storky.commands -r "$1" -c --add-user --content-type application/cloudevents+json
}

# An event is acknowledged when the program that gets it has succeeded; one that does more than to show it stands for cat.
hear() { # FILTER: print the next event that it lets through
    event=null
    until printf '%s' "$event" | jq -ce "select($1)"; do
        event=$(timeout 300 amqp-consume -s "$AMQP_HOST" --port "${AMQP_PORT:-5672}" --authfile "$secrets/login" \
            -q "storky.platform.$AMQP_USER" -c 1 cat) || { echo "no event came (exit code $?)" >&2; exit 3; }
    done
}

say() { # EVENT WORDS: print these words of jq about it
    printf '%s' "$1" | jq -r "$2"
}

order() { # NAME DATA: publish a command and print what became of it
    id=$(cat /proc/sys/kernel/random/uuid)
    publish "$1" "$id" "$2"
    event=$(hear ".causationid == \"$id\"")
    case $(say "$event" .type) in
    storky.CommandRejected)
        say "$event" "\"$1 rejected: \(.data.code): \(.data.reason)\"" >&2
        exit 1
        ;;
    esac
    say "$event" "\"$1 accepted: \(.subject), version \(.streamversion)\""
}

app() { # REGION/APP
    printf '{"region": "%s", "app": "%s"}' "${1%/*}" "${1#*/}"
}

order CreateMigration "{\"migration_id\": \"$migration\", \"source\": $(app "$source"), \"destination\": $(app "$destination")}"
for step in "$@"; do
    order RunStep "{\"migration_id\": \"$migration\", \"step\": \"$step\"}"
    end=$(hear ".subject == \"migration/$migration\" and (.type | test(\"Step(Succeeded|Failed)\"))")
    say "$end" '"heard \(.type)"'
    [ "$(say "$end" .type)" = storky.StepSucceeded ]
done
