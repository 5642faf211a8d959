{#-
    The CTEs that make a type-2 history of all landed versions of a thing. Versions stand in the
    order of the API's `updated_at`, whenever they arrived; of those that share one, the last
    landed stays, as in `newest_first`. A run of versions whose attributes agree is one row;
    `created_at` and `updated_at` are not compared, and are those of the run's last version.
    Expects the CTE of the records, named as given.

    {{ history_ctes('user_records', 'user_id', ['first_name', 'gender']) }}
    ->  intervals(user_id, first_name, gender, created_at, updated_at, version_number,
                  valid_from, valid_to, is_current)
-#}
{% macro history_ctes(records, identifier, attributes) -%}
versions as (

    select
        {{ identifier }},
        struct({{ attributes | join(', ') }}) as attributes,
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
        attributes <=> lag(attributes) over (
            partition by {{ identifier }}
            order by changed_at
        ) as is_repetition
    from landed
    where recency = 1

),

numbered as (

    select
        *,
        cast(
            sum(if(is_repetition, 0, 1)) over (
                partition by {{ identifier }}
                order by changed_at
            ) as int
        ) as version_number
    from compared

),

runs as (

    select
        {{ identifier }},
        version_number,
        min(changed_at) as changed_at,
        max_by(
            struct(attributes, created_at, updated_at), changed_at
        ) as latest
    from numbered
    group by {{ identifier }}, version_number

),

intervals as (

    select
        {{ identifier }},
        latest.attributes.*,
        latest.created_at,
        latest.updated_at,
        version_number,
        if(version_number = 1, timestamp '1900-01-01', changed_at)
            as valid_from,
        lead(changed_at) over (
            partition by {{ identifier }}
            order by version_number
        ) as valid_to,
        lead(changed_at) over (
            partition by {{ identifier }}
            order by version_number
        ) is null as is_current
    from runs

)
{%- endmacro %}
