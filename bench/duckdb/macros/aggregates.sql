{#- Medley's macros of the same names, in DuckDB's SQL. -#}
{% macro history_ctes(records, identifier, attributes) -%}
versions as (

    select
        {{ identifier }},
        {{ attributes | join(', ') }},
        hash({{ attributes | join(', ') }}) as attributes_hash,
        created_at,
        updated_at,
        ingested_at,
        batch_id,
        page,
        position,
        greatest(updated_at, timestamp '1900-01-01') as changed_at
    from {{ records }}
    where fate != 'rejected'

),

landed as (

    select
        *,
        row_number() over (
            partition by {{ identifier }}, changed_at
            order by {{ newest_first() }}
        ) as recency
    from versions

),

compared as (

    select
        *,
        attributes_hash is not distinct from lag(attributes_hash) over (
            partition by {{ identifier }}
            order by changed_at
        ) as is_repetition
    from landed
    where recency = 1

),

numbered as (

    select
        *,
        (sum(case when is_repetition then 0 else 1 end) over (
            partition by {{ identifier }}
            order by changed_at
        ))::int as version_number
    from compared

),

runs as (

    select
        {{ identifier }},
        version_number,
        min(changed_at) as changed_at,
        {%- for attribute in attributes %}
        arg_max(struct_pack(value := {{ attribute }}), changed_at).value as {{ attribute }},
        {%- endfor %}
        arg_max(created_at, changed_at) as created_at,
        arg_max(updated_at, changed_at) as updated_at
    from numbered
    group by {{ identifier }}, version_number

),

intervals as (

    select
        * exclude (changed_at),
        case when version_number = 1 then timestamp '1900-01-01' else changed_at end as valid_from,
        lead(changed_at) over (partition by {{ identifier }} order by version_number) as valid_to,
        valid_to is null as is_current
    from runs

)
{%- endmacro %}

{% macro listed_genres_cte() -%}
listed_genres as (

    select track_key, genre_key, genre_weight
    from {{ ref('bridge_track_genre') }}
    union all
    select track_key, 0, 1.0::double
    from dim_track

)
{%- endmacro %}

{% macro previous_rank(list_and_thing) -%}
    max(rank) over (
            partition by {{ list_and_thing }}
            order by week_start_date
            range between interval 7 days preceding and interval 7 days preceding
        )
{%- endmacro %}
