{#- Medley's macros of the same names, in DuckDB's SQL; keys are DuckDB's hash. -#}
{% macro key(parts) -%}
    case when {{ parts[0] }} is not null then (hash({{ parts | join(', ') }}) >> 1)::bigint end
{%- endmacro %}

{% macro artist_key(name) -%}
    {{ key([case_folded(name)]) }}
{%- endmacro %}

{% macro to_utc(expression) -%}
    try_cast({{ expression }} as timestamp)
{%- endmacro %}

{% macro month_of(moment) -%}
    coalesce(strftime({{ moment }}, '%Y-%m'), 'unknown')
{%- endmacro %}

{% macro newest_first() -%}
    updated_at desc nulls last, ingested_at desc, batch_id desc, page desc, position desc
{%- endmacro %}

{% macro recency_rank(identifier) -%}
    row_number() over (partition by {{ identifier }}, reject_reason order by {{ newest_first() }})
{%- endmacro %}

{% macro fate() -%}
    case
        when reject_reason is not null then 'rejected'
        when recency = 1 then 'current'
        else 'superseded'
    end
{%- endmacro %}

{% macro lineage() -%}
    _batch_id as batch_id,
        _page as page,
        _position as position,
        _ingested_at as ingested_at,
        payload
{%- endmacro %}

{% macro landed(endpoint) -%}
    select * from read_parquet(
        '{{ env_var("MEDLEY_LAKE") }}/bronze/{{ endpoint }}_raw/**/*.parquet', hive_partitioning = false
    )
{%- endmacro %}

{% macro nth_weekday(year, month, weekday, nth) -%}
    {%- set first = 'make_date(' ~ year ~ ', ' ~ month ~ ', 1)' -%}
    {%- set last = 'last_day(' ~ first ~ ')' -%}
    case
        when {{ nth }} > 0
            then {{ first }} + (({{ weekday }} - isodow({{ first }}) + 7) % 7 + 7 * ({{ nth }} - 1))::int
        else {{ last }} - ((isodow({{ last }}) - {{ weekday }} + 7) % 7)::int
    end
{%- endmacro %}
