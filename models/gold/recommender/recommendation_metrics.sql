{{ config(materialized='incremental', incremental_strategy='rewrite') }}

with

evaluated_users as (

    select * from {{ ref('evaluated_users') }}

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}
    where rank <= {{ var('evaluation_depth') }}

),

evaluation_scores as (

    select * from {{ ref('evaluation_scores') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}
    where track_key != -1

),

unpivoted as (

    select
        recommender,
        stack(3, 'ndcg', ndcg, 'recall', recall, 'map', map) as (metric, value)
    from evaluated_users

),

averaged as (

    select
        recommender,
        metric,
        avg(value) as value,
        coalesce(stddev_samp(value), 0) / sqrt(count(*)) as standard_error,
        count(*) as user_count
    from unpivoted
    group by recommender, metric

),

catalogue as (

    select count(*) as track_count
    from dim_track

),

-- The share of all tracks that is recommended to anybody.
covered as (

    select
        evaluated_lists.recommender,
        'coverage' as metric,
        count(distinct evaluated_lists.track_key)
        / max(catalogue.track_count) as value,
        cast(null as double) as standard_error,
        count(distinct evaluated_lists.user_key) as user_count
    from evaluated_lists
    cross join catalogue
    group by evaluated_lists.recommender

),

measured as (

    select * from averaged
    union all
    select * from covered

),

-- The version served before was measured on the same users and discoveries.
previous as (

    select
        metric,
        value as previous_value
    from measured
    where recommender = 'previous'

),

model as (

    select
        max(model_version) filter (where recommender = 'model')
            as model_version,
        max(model_version) filter (where recommender = 'previous')
            as previous_version
    from evaluation_scores

),

joined as (

    select
        coalesce(model.model_version, 'none') as model_version,
        measured.recommender,
        measured.metric,
        if(
            measured.metric = 'recall',
            {{ var('recall_depth') }},
            {{ var('evaluation_depth') }}
        ) as depth,
        measured.value,
        measured.standard_error,
        measured.user_count,
        if(
            measured.standard_error is null,
            null,
            greatest(measured.value - 1.96 * measured.standard_error, 0)
        ) as value_low,
        if(
            measured.standard_error is null,
            null,
            least(measured.value + 1.96 * measured.standard_error, 1)
        ) as value_high,
        if(measured.recommender = 'model', model.previous_version, null)
            as previous_version,
        if(measured.recommender = 'model', previous.previous_value, null)
            as previous_value,
        timestamp '{{ run_started_at.strftime("%Y-%m-%d %H:%M:%S") }}'
            as measured_at
    from measured
    cross join model
    left join previous on measured.metric = previous.metric
    where measured.recommender != 'previous'

),

{% if is_incremental() %}

known as (

    select {{ columns_so_far(this, model.columns) }} from {{ this }}
    where model_version != 'none'

),

former as (

    select known.*
    from known
    left anti join joined on known.model_version = joined.model_version

),

history as (

    select * from joined
    union all
    select * from former

)

{% else %}

history as (

    select * from joined

)

{% endif %},

-- What is the model now was called by one of its parts.
renamed as (

    select
        * except (recommender),
        if(recommender = 'als', 'model', recommender) as recommender
    from history

)

select * from renamed
