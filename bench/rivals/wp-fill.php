<?php
// Installs the measured WordPress and fills it: wp-fill.php FOLDER STORIES.json
[, $folder, $file] = $argv;
define('WP_INSTALLING', !file_exists("$folder/filled"));
$_SERVER['HTTP_HOST'] = '127.0.0.1';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
require "$folder/wp-load.php";
require ABSPATH . 'wp-admin/includes/upgrade.php';
wp_install('The Bench', 'editor', 'editor@example.org', true, '', 'scratch-only', '');
update_option('permalink_structure', '/%category%/%postname%/');
wp_defer_term_counting(true);
foreach (json_decode(file_get_contents($file), true) as $story) {
	$section = get_term_by('slug', $story['section'], 'category');
	$id = $section ? $section->term_id : wp_insert_term($story['section'], 'category', ['slug' => $story['section']])['term_id'];
	$made = wp_insert_post(['post_title' => $story['headline'], 'post_name' => $story['slug'], 'post_content' => $story['html'],
		'post_excerpt' => $story['standfirst'], 'post_status' => 'publish', 'post_date_gmt' => $story['published'], 'post_date' => $story['published'],
		'post_author' => 1, 'post_category' => [$id], 'tags_input' => $story['tags']], true);
	if (is_wp_error($made))
		exit($made->get_error_message() . "\n");
}
wp_defer_term_counting(false);
delete_option('rewrite_rules'); // made for the permalinks before these; the next request makes them anew
touch("$folder/filled");
