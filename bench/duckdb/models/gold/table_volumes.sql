{% set tables = [
    'track',
    'users',
    'artist',
    'album',
    'genre',
    'listen_history',
    'rejected_records',
    'dim_user',
    'dim_track',
    'dim_album',
    'dim_artist',
    'dim_genre',
    'fct_listen_history',
] %}

{% for table in tables %}
select
    timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}' as measured_at,
    '{{ table }}' as table_name,
    count(*) as row_count
from {{ ref(table) }}
{{ 'union all' if not loop.last }}
{% endfor %}
