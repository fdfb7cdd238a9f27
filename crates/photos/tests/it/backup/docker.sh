#!/bin/sh
# Stands in for `docker compose`: `exec` runs a program on the database of its container, `run` a service, both here.
set -eu
[ "$1" = compose ] || exit 64
verb=$2
shift 2
case $verb in
    exec)
        [ "$1" = -T ] || exit 64
        case $2 in
            auth-db) user=auth url=$AUTH ;;
            photos-db) user=photos url=$PHOTOS ;;
            *) exit 65 ;;
        esac
        program=$3
        shift 3
        for word; do
            shift
            case $word in
                --username=$user) ;;
                --dbname=$user) set -- "$@" "--dbname=$url" ;;
                *) set -- "$@" "$word" ;;
            esac
        done
        exec "$program" "$@"
        ;;
    run)
        volume= entry=
        while :; do
            case $1 in
                --rm | -T | --no-deps) shift ;;
                --user | --cap-add) shift 2 ;;
                --volume) volume=$2 && shift 2 ;;
                --entrypoint) entry=$2 && shift 2 ;;
                -*) exit 66 ;;
                *) break ;;
            esac
        done
        service=$1
        shift
        if [ -n "$entry" ]; then echo "in $service: $entry $*" && exit; fi
        for word; do
            shift
            [ "$word" != /backups ] || word=${volume%:/backups}
            set -- "$@" "$word"
        done
        AUTH_DATABASE_URL=$AUTH PHOTOS_DATABASE_URL=$PHOTOS exec "$service" "$@"
        ;;
    *) exit 67 ;;
esac
