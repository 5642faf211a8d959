{% set length = [var('evaluation_depth'), var('recall_depth')] | max %}

with

als_input as (

    select * from {{ ref('als_input') }}

),

evaluation_scores as (

    select * from {{ ref('evaluation_scores') }}

),

dim_track as (

    select * from {{ ref('dim_track') }}
    where track_key != -1

),

kept as (

    select * from als_input
    where not is_holdout

),

holdout_users as (

    select distinct user_key
    from als_input
    where is_holdout

),

{{ popularity_ctes('kept') }},

heard_counts as (

    select
        holdout_users.user_key,
        count(kept.track_key) as heard_count
    from holdout_users
    left join kept on holdout_users.user_key = kept.user_key
    group by holdout_users.user_key

),

-- The popular tracks a user has not heard are among the first depth + heard.
places as (

    select
        user_key,
        explode(sequence(1, {{ length }} + heard_count))
            as place
    from heard_counts

),

popular as (

    select
        places.user_key,
        popularity.track_key,
        row_number() over (
            partition by places.user_key
            order by popularity.popularity_rank
        ) as rank
    from places
    inner join popularity on places.place = popularity.popularity_rank
    left anti join kept
        on
            places.user_key = kept.user_key
            and popularity.track_key = kept.track_key

),

lists as (

    select
        recommender,
        user_key,
        track_key,
        rank
    from evaluation_scores

    union all

    select
        'popularity' as recommender,
        user_key,
        track_key,
        rank
    from popular
    where rank <= {{ length }}

)

select * from lists
