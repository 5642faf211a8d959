with

als_input as (

    select * from {{ ref('als_input') }}
    where is_holdout

),

evaluated_lists as (

    select * from {{ ref('evaluated_lists') }}

),

holdout_users as (

    select
        user_key,
        count(*) as holdout_count
    from als_input
    group by user_key

),

recommenders as (

    select explode(array('model', 'popularity')) as recommender
    union distinct
    select recommender
    from evaluated_lists

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
    inner join als_input
        on
            evaluated_lists.user_key = als_input.user_key
            and evaluated_lists.track_key = als_input.track_key

),

gains as (

    select
        recommender,
        user_key,
        count(*) filter (where rank <= {{ var('recall_depth') }}) as hit_count,
        sum(1 / log2(rank + 1)) filter (
            where rank <= {{ var('evaluation_depth') }}
        ) as dcg,
        sum(hit_number / rank) filter (
            where rank <= {{ var('evaluation_depth') }}
        ) as precision_sum
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

)

select * from scored
