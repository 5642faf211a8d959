with

als_input as (

    select * from {{ ref('als_input') }}

),

als_scores as (

    select * from {{ ref('als_scores') }}

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}
    where track_key != -1

),

holdout as (

    select
        user_key,
        track_key
    from als_input
    where is_holdout

),

holdout_users as (

    select
        user_key,
        count(*) as holdout_count
    from holdout
    group by user_key

),

recommenders as (

    select explode(array('als', 'popularity')) as recommender

),

hits as (

    select
        evaluated_lists.recommender,
        evaluated_lists.user_key,
        evaluated_lists.rank,
        row_number() over (
            partition by evaluated_lists.recommender, evaluated_lists.user_key
            order by evaluated_lists.rank
        ) as hit_number
    from evaluated_lists
    inner join holdout
        on
            evaluated_lists.user_key = holdout.user_key
            and evaluated_lists.track_key = holdout.track_key

),

gains as (

    select
        recommender,
        user_key,
        count(*) as hit_count,
        sum(1 / log2(rank + 1)) as dcg,
        sum(hit_number / rank) as precision_sum
    from hits
    group by recommender, user_key

),

-- Users without a hit count as well, with zero.
scored as (

    select
        recommenders.recommender,
        holdout_users.user_key,
        coalesce(gains.dcg, 0) / aggregate(
            sequence(
                1,
                cast(
                    least(
                        holdout_users.holdout_count,
                        {{ var('evaluation_depth') }}
                    ) as int
                )
            ),
            0D,
            (total, place) -> total + 1 / log2(place + 1)
        ) as ndcg,
        coalesce(gains.hit_count, 0) / holdout_users.holdout_count as recall,
        coalesce(gains.precision_sum, 0) / least(
            holdout_users.holdout_count, {{ var('evaluation_depth') }}
        ) as map
    from holdout_users
    cross join recommenders
    left join gains
        on
            holdout_users.user_key = gains.user_key
            and recommenders.recommender = gains.recommender

),

unpivoted as (

    select
        recommender,
        stack(3, 'ndcg', ndcg, 'recall', recall, 'map', map) as (metric, value)
    from scored

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

model as (

    select max(model_version) as model_version
    from als_scores

),

joined as (

    select
        coalesce(model.model_version, 'none') as model_version,
        measured.recommender,
        measured.metric,
        {{ var('evaluation_depth') }} as depth,
        measured.value,
        measured.standard_error,
        measured.user_count
    from measured
    cross join model

)

select * from joined
