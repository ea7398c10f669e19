#!/bin/sh
# start.sh SCRATCH: WordPress (Debian's, with PHP-FPM behind nginx) and Ghost (npm's) with a MariaDB each, as their makers
# say to install them, on this machine's loopback, for bench/rivals.mjs to fill and to measure. As root. Runs until it is told to stop, then
# stops all it began; nothing outside SCRATCH is changed but packages that were missing.
#
# Without GHOST_PORT there is no Ghost.
# Prints, when all answer: "ready", and before it a line "name pid port" for each process that serves.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
scratch=$1
ghost=6.65.0 # wants a newer Node than Debian's, which npm's "node" package brings
node=24
packages="wordpress wordpress-theme-twentytwentythree mariadb-server php-fpm php-cli php-mysql php-xml php-gd php-curl php-mbstring
	nginx-light"

missing=
for p in $packages; do dpkg -s "$p" >/dev/null 2>&1 || missing="$missing $p"; done
if [ -n "$missing" ]; then
	# The packages would start their services; we want the programs alone.
	hush=/usr/sbin/policy-rc.d
	if [ -e $hush ]; then hush=; else printf '#!/bin/sh\nexit 101\n' > $hush; chmod +x $hush; fi
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >&2
	[ -z "$hush" ] || rm -f "$hush"
fi

mkdir -p "$scratch"
chmod 711 "$scratch"
if [ -n "${GHOST_PORT:-}" ] && [ ! -e "$scratch/ghost/installed" ]; then
	rm -rf "$scratch/ghost"
	mkdir -p "$scratch/ghost"
	(cd "$scratch" && npm pack "ghost@$ghost" >/dev/null && tar xzf "ghost-$ghost.tgz" -C ghost --strip-components=1)
	(cd "$scratch/ghost" && npm pkg delete devDependencies && npm install --omit=dev --no-audit --no-fund --legacy-peer-deps >&2 && touch installed)
fi
if [ -n "${GHOST_PORT:-}" ] && [ ! -x "$scratch/node/node_modules/node/bin/node" ]; then
	mkdir -p "$scratch/node"
	(cd "$scratch/node" && npm install --no-audit --no-fund "node@$node" >&2)
fi

rm -rf "$scratch/db" "$scratch/wp" "$scratch/content"
mkdir -p "$scratch/db" "$scratch/wp" "$scratch/content"
chown mysql "$scratch/db"
socket=$scratch/db/sock
pids=
stop() { for p in $pids; do kill "$p" 2>/dev/null || true; done; wait; }
trap stop EXIT
trap 'exit 0' INT TERM

mariadb-install-db --no-defaults --user=mysql --datadir="$scratch/db" --auth-root-authentication-method=socket >/dev/null 2>&1
mariadbd --no-defaults --user=mysql --datadir="$scratch/db" --socket="$socket" --pid-file="$scratch/db/pid" --skip-networking \
	--innodb-buffer-pool-size=256M 2>"$scratch/db.log" &
database=$!
pids="$pids $database"
until mariadb-admin --no-defaults --socket="$socket" ping >/dev/null 2>&1; do sleep 0.5; done
mariadb --no-defaults --socket="$socket" -e "CREATE DATABASE wp CHARACTER SET utf8mb4; CREATE DATABASE ghost CHARACTER SET utf8mb4;
	CREATE USER wp@localhost IDENTIFIED BY 'scratch'; GRANT ALL ON wp.* TO wp@localhost;
	CREATE USER ghost@localhost IDENTIFIED BY 'scratch'; GRANT ALL ON ghost.* TO ghost@localhost;"

# --- WordPress ---
cp -rL /usr/share/wordpress/. "$scratch/wp/"
sed "s|SOCKET|$socket|; s|ADDRESS|http://127.0.0.1:$WP_PORT|" "$here/wp-config.php" > "$scratch/wp/wp-config.php"
chmod -R a+rX "$scratch/wp"
fpm=$(ls /usr/sbin/php-fpm* | tail -n 1)
cat > "$scratch/fpm.conf" <<CONF
[global]
error_log = $scratch/fpm.log
daemonize = no
[www]
user = www-data
group = www-data
listen = $scratch/fpm.sock
listen.owner = www-data
listen.mode = 0666
pm = static
pm.max_children = 4
php_admin_value[opcache.enable] = 1
CONF
"$fpm" -y "$scratch/fpm.conf" &
php=$!
pids="$pids $php"
cat > "$scratch/nginx.conf" <<CONF
user root;
worker_processes 1;
daemon off;
pid $scratch/nginx.pid;
error_log $scratch/nginx.log;
events { worker_connections 512; }
http {
	access_log off;
	include /etc/nginx/mime.types;
	gzip on;
	client_body_temp_path $scratch/t1; proxy_temp_path $scratch/t2; fastcgi_temp_path $scratch/t3;
	uwsgi_temp_path $scratch/t4; scgi_temp_path $scratch/t5;
	server {
		listen 127.0.0.1:$WP_PORT;
		root $scratch/wp;
		index index.php;
		location / { try_files \$uri \$uri/ /index.php?\$args; }
		location ~ \.php\$ {
			include /etc/nginx/fastcgi_params;
			fastcgi_param HTTP_HOST \$http_host; # that file's has no port, and WordPress would redirect for ever
			fastcgi_param SCRIPT_FILENAME \$document_root\$fastcgi_script_name;
			fastcgi_pass unix:$scratch/fpm.sock;
		}
	}
}
CONF
nginx -c "$scratch/nginx.conf" -p "$scratch" &
web=$!
pids="$pids $web"

# --- Ghost ---
if [ -n "${GHOST_PORT:-}" ]; then
cp -r "$scratch/ghost/content/." "$scratch/content/"
(
	cd "$scratch/ghost"
	export NODE_ENV=production url="http://127.0.0.1:$GHOST_PORT" server__host=127.0.0.1 server__port="$GHOST_PORT"
	export database__client=mysql database__connection__socketPath="$socket" database__connection__user=ghost
	export database__connection__password=scratch database__connection__database=ghost
	export paths__contentPath="$scratch/content" mail__transport=Direct logging__level=error
	export privacy__useUpdateCheck=false privacy__useGravatar=false privacy__useRpcPing=false privacy__useStructuredData=false
	export security__staffDeviceVerification=false
	exec "$scratch/node/node_modules/node/bin/node" index.js
) >"$scratch/ghost.log" 2>&1 &
server=$!
pids="$pids $server"
echo "ghost $server $GHOST_PORT"
fi

echo "mariadb $database 0"
echo "php $php 0"
echo "nginx $web $WP_PORT"
echo "socket $socket"
echo ready
wait "$database"
